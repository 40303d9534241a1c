/** The middle square of a picture, turned as its camera says, in base64: small enough for any connection. */
export async function square(file: Blob, side = 512): Promise<string> {
  const whole = await createImageBitmap(file);
  const from = Math.min(whole.width, whole.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const c = canvas.getContext("2d")!;
  c.fillStyle = "#fff";
  c.fillRect(0, 0, side, side);
  c.drawImage(whole, (whole.width - from) / 2, (whole.height - from) / 2, from, from, 0, 0, side, side);
  whole.close();
  return canvas.toDataURL("image/jpeg", 0.9).split(",")[1]!;
}

export function dataURL(b: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const r = new FileReader();
    r.onload = () => resolve(String(r.result));
    r.onerror = () => reject(r.error);
    r.readAsDataURL(b);
  });
}
