// Firefox for the end-to-end tests. playwright-core drives only a Firefox of its own make, so this one is driven by
// puppeteer-core over WebDriver BiDi, and looks to the harness as a browser of playwright does.
import puppeteer from "puppeteer-core";

const PREFERENCES = {
  // The tests' hosts: no name server is asked for them.
  "network.dns.localDomains": "relatch.test",
  // A call to a closed port must fail at once and not be asked of a proxy.
  "network.proxy.type": 0,
};

/** Has newContext and close, as playwright's browser; pages have the methods that both drivers name alike. */
export async function launchFirefox() {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    extraPrefsFirefox: PREFERENCES,
  });
  return {
    version: await browser.version(),
    newContext: async () => {
      const context = await browser.createBrowserContext();
      const scripts = [];
      return {
        addInitScript: async (script) => void scripts.push(script),
        newPage: async () => {
          const page = await context.newPage();
          for (const script of scripts) await page.evaluateOnNewDocument(script);
          return page;
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
