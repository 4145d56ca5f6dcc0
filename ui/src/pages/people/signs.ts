// Whether a person may sign in, as a sign.

import { CircleSlash, UserRoundCheck } from "lucide-react";
import type { Sign } from "../../design/states.ts";

export const ACTIVE_SIGN: Sign = { word: "Active", icon: UserRoundCheck, tone: "clean" };
export const DISABLED_SIGN: Sign = { word: "Disabled", icon: CircleSlash, tone: "plain" };
