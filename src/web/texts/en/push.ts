/** Push: this browser's part of it. Without plurals, so that the worker can have it. */

export const push = {
  title: "Push",
  lead: "What happens reaches a browser, on a phone too, while Taskwire is closed.",
  turnOn: "Turn on in this browser",
  turnOff: "Turn off in this browser",
  states: {
    insecure:
      "Browsers take push notifications on a secure page only. An administrator can serve Taskwire over https: TLS_CERT and TLS_KEY, or a proxy in front of it.",
    unsupported: "This browser takes no push notifications.",
    home: "On an iPhone or iPad, push needs Taskwire on the home screen: press Share, then Add to Home Screen, open it from there and turn push on here.",
    blocked:
      "This browser blocks notifications of this page. Allow them in its settings for this address; this page then notices by itself.",
    off: "Push is off in this browser.",
    on: "Push is on in this browser.",
  },
  service:
    "The browser's push service was not reached, so nothing was turned on. Some browsers have none; others are offline or behind a firewall.",
  declined: "Notifications were not allowed, so push stays off.",
  list: "Browsers that are pushed to",
  here: "This browser",
  since: (when: string) => `turned on ${when}`,
  unknown: "A browser",
  test: "Send a test",
  testOf: (name: string) => `Send a test to ${name}`,
  tested: (name: string) => `A test is on its way to ${name}. It stands in your inbox too.`,
  remove: (name: string) => `Push no longer to ${name}`,
  removed: (name: string) => `${name} is pushed to no longer.`,
  worker: { title: "Taskwire", body: "There is something new in your inbox." },
};
