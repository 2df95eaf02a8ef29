// True in the builds for the condition `development` of package.json: written in by the build.
declare const DEVELOPMENT: boolean;
