import type { Frame } from 'node-av/lib';
import type { Picture } from '../jobs.js';
import type { Av } from './av.js';

/** Converts decoded frames, whatever their format and size, one after another. */
export type ToRgb = {
  /** The picture, or FFmpeg's refusal. */
  readonly convert: (frame: Frame) => Picture | number;
  readonly close: () => void;
};

/**
 * RGB of decoded frames by FFmpeg's own conversion with LeRobot's settings: matrix and range as the frame says, BT.601 of
 * limited range where it says nothing.
 *
 * @source PyAV and TorchCodec, through which LeRobot 0.3.3 to 0.6.1 decode
 */
export const openRgb = (av: Av): ToRgb => {
  const scale = new av.SoftwareScaleContext();
  scale.allocContext();
  scale.setOption('sws_flags', 'bilinear');
  const rgb = new av.Frame();
  rgb.alloc();
  const fit = (width: number, height: number): number => {
    if (rgb.width === width && rgb.height === height) return 0;
    rgb.unref();
    rgb.width = width;
    rgb.height = height;
    rgb.format = av.AV_PIX_FMT_RGB24;
    return rgb.getBuffer(1);
  };
  return {
    convert: (frame) => {
      const { width, height } = frame;
      const fitted = fit(width, height);
      const scaled = fitted < 0 ? fitted : scale.scaleFrameSync(rgb, frame);
      const [plane, line] = [rgb.data?.[0], rgb.linesize[0] ?? 0];
      if (scaled < 0 || plane === undefined) return scaled;
      // FFmpeg's memory is written again for the next frame.
      const data = new Uint8Array(width * height * 3);
      if (line === width * 3) data.set(plane.subarray(0, data.length));
      else for (let y = 0; y < height; y++) data.set(plane.subarray(y * line, y * line + width * 3), y * width * 3);
      return { data, width, height };
    },
    close: () => {
      rgb.free();
      scale.freeContext();
    },
  };
};
