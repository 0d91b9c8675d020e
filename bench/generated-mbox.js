/** An mbox of invented mail: plain, HTML alternative, quoted-printable, and every eighth message with an attachment of 30 kB. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const WORDS = 'quarterly budget review travel invoice delivery harbour office printer garden contract schedule meeting änderung café naïve report answer question figures'.split(' ');

export async function writeMbox(file, count) {
  const out = createWriteStream(file);
  let state = 7;
  const draw = (below) => {
    // Numerical Recipes' linear congruential generator: the same mail in every run.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const words = (length) => Array.from({ length }, () => WORDS[draw(WORDS.length)]).join(' ');
  const attachment = Buffer.alloc(22_500, 'contoso ').toString('base64').replace(/.{76}/g, '$&\r\n');
  const start = Date.UTC(2024, 0, 1);
  for (let index = 0; index < count; index += 1) {
    const date = new Date(start + index * 600_000);
    const text = Array.from({ length: 4 + draw(12) }, () => words(12)).join('\r\n');
    const alternative = [
      '--alt', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable', '', quoted(text),
      '--alt', 'Content-Type: text/html; charset=utf-8', 'Content-Transfer-Encoding: base64', '', Buffer.from(`<p>${text}</p>`).toString('base64').replace(/.{76}/g, '$&\r\n'),
      '--alt--', '',
    ].join('\r\n');
    const attached = index % 8 === 0;
    const body = attached
      ? ['--mix', 'Content-Type: multipart/alternative; boundary=alt', '', alternative, '--mix', 'Content-Type: application/octet-stream; name=figures.bin', 'Content-Disposition: attachment; filename=figures.bin', 'Content-Transfer-Encoding: base64', '', attachment, '--mix--', ''].join('\r\n')
      : alternative;
    const message = [
      `From person${draw(50)}@contoso.example ${date.toUTCString()}`,
      `From: Person ${draw(50)} <person${draw(50)}@contoso.example>`, `To: main@contoso.example, person${draw(50)}@contoso.example`,
      `Subject: =?utf-8?B?${Buffer.from(words(5)).toString('base64')}?=`, `Date: ${date.toUTCString()}`, `Message-ID: <${index}@contoso.example>`, 'MIME-Version: 1.0',
      `Content-Type: multipart/${attached ? 'mixed; boundary=mix' : 'alternative; boundary=alt'}`, '', body, '',
    ].join('\r\n');
    if (!out.write(message)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

const quoted = (text) => text.replace(/[^\x20-\x3c\x3e-\x7e\r\n]/g, (char) => [...Buffer.from(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
