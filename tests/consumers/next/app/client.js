"use client";

import { createSession } from "relatch";
import { useEffect } from "react";
import { apiOf, publish, scenario } from "../scenario.js";

let started = false;

// Rendered on the server too, where importing must do nothing.
export function Client() {
  useEffect(() => {
    if (started) return;
    started = true;
    publish(scenario(createSession, apiOf(location)));
  }, []);
  return <p>client</p>;
}
