/** The part of cli-progress that we use; the package brings no types. */
declare module "cli-progress" {
  export class SingleBar {
    constructor(options: {
      format: string;
      hideCursor?: boolean;
      noTTYOutput?: boolean;
      /** Redraws a second at most. */
      fps?: number;
      stream?: NodeJS.WritableStream;
    });
    start(total: number, value: number, payload?: object): void;
    update(value: number, payload?: object): void;
    stop(): void;
  }
}
