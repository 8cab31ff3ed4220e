import { create } from 'qrcode';
import classes from './identity.module.css';

/** A QR code as one path; always dark on light, whatever the theme, because cameras expect it. */
export default function QrCode({ text, label }: { text: string; label: string }) {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const edge = modules.size;
  const dots: string[] = [];
  for (let y = 0; y < edge; y += 1) {
    for (let x = 0; x < edge; x += 1) if (modules.get(y, x)) dots.push(`M${x} ${y}h1v1h-1z`);
  }
  return (
    <svg
      className={classes.qr}
      viewBox={`-4 -4 ${edge + 8} ${edge + 8}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect x={-4} y={-4} width={edge + 8} height={edge + 8} fill="#fff" />
      <path d={dots.join('')} fill="#000" />
    </svg>
  );
}
