// A request on one line and on one screen of a terminal.

import { pathGlyphs } from "../../domain/path.ts";
import type { RequestDetail, RequestSummary } from "../../wire/api/v1/request.ts";
import { inert } from "../inert-text.ts";

export function requestLine(request: RequestSummary): string {
  const { id, path, state, direction, person, content } = request;
  return [
    id.padEnd(8),
    pathGlyphs(path),
    state.padEnd(9),
    direction.padEnd(8),
    inert(person.name),
    inert(content.name),
  ].join("  ");
}

export function requestText(request: RequestDetail): string {
  const steps = request.path.map((step) => {
    const when = step.atMs === undefined ? "" : new Date(step.atMs).toLocaleString();
    return `  ${step.step.padEnd(8)} ${step.state.padEnd(8)} ${[step.who, when, step.why]
      .map((part) => inert(part ?? ""))
      .filter(Boolean)
      .join(", ")}`;
  });
  return [
    requestLine(request),
    `  ${inert(request.reason)}`,
    `  for ${inert(request.person.name)} on ${inert(request.device.name)}, version ${request.version}`,
    `  policy: ${inert(request.policyWhy)} (${inert(request.policyRule)})`,
    ...steps,
    ...(request.question === null ? [] : [`  A reviewer asks: ${inert(request.question)}`]),
    ...(request.grant === null ? [] : [`  ${request.grant.id} is ${request.grant.state}`]),
  ].join("\n");
}
