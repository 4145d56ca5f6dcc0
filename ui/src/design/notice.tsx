// A message in three parts: what happened, why, what you can do now. Also the empty state, which teaches the next step.

import type { LucideIcon } from "lucide-react";
import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";
import type { Refusal } from "../api/call.ts";
import type { Tone } from "./states.ts";
import "./notice.css";

type NoticeProps = {
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly urgent?: boolean;
};

export function Notice({
  tone = "accent",
  icon: Icon = Info,
  title,
  children,
  urgent = false,
}: NoticeProps): ReactNode {
  return (
    <div className="notice" data-tone={tone} role={urgent ? "alert" : undefined}>
      <Icon aria-hidden="true" />
      <div className="notice-body">
        <p className="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}

/** A refusal of the portal, in its own words: it says what happened, why, and what to do next. */
export function RefusalNotice({ refusal, title }: { readonly refusal: Refusal; readonly title: string }): ReactNode {
  return (
    <Notice tone="infected" icon={CircleAlert} title={title} urgent>
      <p>
        {refusal.detail} {refusal.next}
      </p>
      <details className="small">
        <summary>Technical detail</summary>
        <code>{refusal.code}</code>
      </details>
    </Notice>
  );
}

export function Empty({
  icon: Icon,
  title,
  children,
}: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="empty">
      <Icon aria-hidden="true" />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** The shape of what comes: as many rows as will probably stand there. */
export function Skeleton({ rows = 6, label }: { readonly rows?: number; readonly label: string }): ReactNode {
  return (
    <div className="skeleton" role="status">
      <span className="hidden-text">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" aria-hidden="true" />
      ))}
    </div>
  );
}
