/** How a video is coded: the codecs that LeRobot writes. */
export type VideoCodec = 'av1' | 'h264' | 'hevc';

type Coding = {
  /** FFmpeg's name of the codec, and of the encoder. */
  readonly id: 'AV_CODEC_ID_AV1' | 'AV_CODEC_ID_H264' | 'AV_CODEC_ID_HEVC';
  readonly encoder: 'libsvtav1' | 'libx264' | 'libx265';
  /** LeRobot's quality; the fastest preset that SVT-AV1 has. */
  readonly settings: Readonly<Record<string, string | number>>;
};

/** What FFmpeg needs for each codec. */
export const codecs: Readonly<Record<VideoCodec, Coding>> = {
  av1: { id: 'AV_CODEC_ID_AV1', encoder: 'libsvtav1', settings: { crf: 30, preset: 10 } },
  h264: { id: 'AV_CODEC_ID_H264', encoder: 'libx264', settings: { crf: 30 } },
  hevc: { id: 'AV_CODEC_ID_HEVC', encoder: 'libx265', settings: { crf: 30, 'x265-params': 'log-level=none' } },
};

/** Every `VideoCodec`. */
export const codecNames: readonly VideoCodec[] = ['av1', 'h264', 'hevc'];
