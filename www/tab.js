// A tab of the tour: a document of its own with a client of its own over the store that all of them share.
import { makeClient } from "./lane.js";

globalThis.client = makeClient(JSON.parse(decodeURIComponent(location.hash.slice(1))));
