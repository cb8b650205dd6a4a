import type { Page } from "playwright-core";

/** How wide the drawing is for its height. A camera is 4:3. */
export const SHAPE_OF_DRAWING = 2;

/** A machine without a screen has none to share, so the browser gives a drawing that moves. */
export async function givesDrawingAsScreen(page: Page): Promise<void> {
  await page.evaluate((shape) => {
    navigator.mediaDevices.getDisplayMedia = async () => {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height * shape;
      const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
      let turn = 0;
      setInterval(() => {
        turn += 1;
        pen.fillStyle = `hsl(${turn % 360} 80% 50%)`;
        pen.fillRect(0, 0, canvas.width, canvas.height);
      }, 40);
      return canvas.captureStream(25);
    };
  }, SHAPE_OF_DRAWING);
}
