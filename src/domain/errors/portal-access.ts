// Failures of the portal plane: who is asking, and whether they may.

import type { ErrorTable } from "./entry.ts";

const ASK_ADMINISTRATOR = "Ask an administrator of the portal.";

export const PORTAL_ACCESS_ERRORS = {
  "portal.sign_in_needed": {
    fault: "you",
    retry: "after-change",
    exit: 3,
    status: 401,
    says: "You are not signed in, or your session has ended.",
    next: "Sign in and do it again.",
  },
  "portal.credentials_wrong": {
    fault: "you",
    retry: "after-change",
    exit: 3,
    status: 401,
    says: "The name and the password do not belong together.",
    next: "Check both. If you forgot the password, ask an administrator for a sign-in link.",
  },
  "portal.sign_in_locked": {
    fault: "policy",
    retry: "later",
    exit: 3,
    status: 429,
    says: "There were too many attempts to sign in with a wrong password.",
    next: "Wait {seconds} seconds, or ask an administrator for a sign-in link.",
  },
  "portal.link_spent": {
    fault: "you",
    retry: "never",
    exit: 3,
    status: 401,
    says: "This link or token was used already, has expired, or was never given out.",
    next: "Ask for a new one.",
  },
  "portal.person_disabled": {
    fault: "policy",
    retry: "never",
    exit: 3,
    status: 403,
    says: "This account has been disabled.",
    next: ASK_ADMINISTRATOR,
  },
  "portal.ability_missing": {
    fault: "policy",
    retry: "never",
    exit: 3,
    status: 403,
    says: "Your roles do not allow you to {ability}.",
    next: ASK_ADMINISTRATOR,
  },
  "portal.login_taken": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 409,
    says: "There is already an account with the name {login}.",
    next: "Choose another name.",
  },
  "portal.administrator_last": {
    fault: "you",
    retry: "after-change",
    exit: 3,
    status: 409,
    says: "Nobody could manage the portal any more: this is its last administrator.",
    next: "Give another person the role first.",
  },
  "portal.proof_wrong": {
    fault: "you",
    retry: "after-change",
    exit: 3,
    status: 401,
    says: "The device could not prove that the call is its own: {detail}.",
    next: "Check the device's clock. If the device was removed, join again.",
  },
  "portal.device_key_wrong": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 400,
    says: "The device's public key cannot be used: {detail}.",
    next: "Send an Ed25519 or P-256 public key that no other device has.",
  },
  "portal.device_missing": {
    fault: "you",
    retry: "after-change",
    exit: 4,
    status: 404,
    says: "You have no active device {id}.",
    next: "Join the device first, or choose another one.",
  },
} as const satisfies ErrorTable;
