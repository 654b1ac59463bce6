export type { VideoCodec } from './codec.js';
export { type DecoderOptions, type Decoders, decodeFrames, describeVideo, openDecoders } from './decoders.js';
export type { VideoDescription } from './description.js';
export type { EncodeSettings, FrameSource } from './encode.js';
export { showVideoError, type VideoError, type VideoFault } from './error.js';
export { encodeVideo } from './fs/encode-video.js';
export type { Picture, Pictures, Sizes } from './jobs.js';
export { openPictures, type PictureReader, type ReadingOptions } from './reading/open-pictures.js';
export type { FrameOf, PicturedDataset } from './reading/place.js';
