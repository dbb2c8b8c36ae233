// Speaks to the server this page came from, and to no other.
let session = "";

export class Refused extends Error {}

// Nothing came back: what was asked about may go on
export class Unanswered extends Refused {}

// relative to the page, which may stand under a path of a proxy
export async function call(method, path, body) {
  const headers = {};
  if (session) headers["x-session"] = session;
  if (body !== undefined) headers["content-type"] = "application/json";
  let reply;
  try {
    reply = await fetch(`.${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    throw new Unanswered("The server does not answer. Plans that were found are kept; start coresponse app again.");
  }
  const text = await reply.text();
  let found = null;
  try {
    found = text ? JSON.parse(text) : null;
  } catch (error) {
    found = { error: text };
  }
  if (!reply.ok) throw new Refused((found && found.error) || `The server refused (${reply.status}).`);
  return found;
}

export const current = () => session;

export function adopt(name) {
  session = name;
}

export async function open() {
  session = (await call("POST", "/api/session")).session;
}
