/**
 * Pages kept for a bug report, without what could name the person or continue the session.
 *
 * @module
 */

/** What is put in place of what was taken out. */
const GONE = "REMOVED";

/** Parameters of Google's addresses that carry tokens. */
const TOKENS =
  "sxsrf|ei|sei|ved|vet|fbs|sca_esv|sca_upv|gs_lp|gs_lcrp|gs_l|iflsig|usg|sig|zx|cshid" +
  "|opi|cd|ust|psig|authuser|escs|bl|continue|xsrf|at|rlz|uule|oq|sclient|lqi|sv|stick|csi|atyp";
const PARAMETER = new RegExp(
  `([?&;]|\\\\u0026|\\\\x26|amp;)(${TOKENS})(=|\\\\u003d|\\\\x3d|%3D)([^&"'\\s<>#\\\\]*)`,
  "g",
);
/** Names of Google's cookies. */
const COOKIE =
  /\b((?:__Secure-|__Host-)?(?:\dP(?:API|)SID(?:CC|TS)?|[SHA]?P?SID|SIDCC|SAPISID|APISID|SOCS|NID|AEC|CONSENT|DV|OTZ|1P_JAR))=[^;"'\s&<]+/g;

const RULES: readonly (readonly [RegExp, string])[] = [
  // The address a browser wrote into a page it saved.
  [/<!--\s*saved from url[^>]*-->/gi, ""],
  // Pictures within the page: large, and of no use to anyone.
  [/data:image\/[\w.+-]{1,20};base64,[A-Za-z0-9+/=\\]*/g, "data:,"],
  // Accounts and machines.
  [/[\w.+%-]{1,80}(?:@|%40|\\u0040|\\x40|&#64;)[\w-]{1,80}(?:\.[\w-]{1,40})+/g, GONE],
  [
    /(<meta\s[^>]{0,200}(?:profile-acct|google-signin)[^>]{0,200}content=)(["'])[^"']*\2/gi,
    `$1$2${GONE}$2`,
  ],
  [
    /\b((?:aria-label|title)=)(["'])([^"':]{0,40}Google[^"':]{0,40}):[^"']*\2/gi,
    `$1$2$3: ${GONE}$2`,
  ],
  [
    /\b(data-(?:email|name|identifier|og-user|gaia|user)[\w-]{0,30}=)(["'])[^"']*\2/gi,
    `$1$2${GONE}$2`,
  ],
  [/https?:\/\/lh\d+\.googleusercontent\.com\/(?:a|ogw)\/[^"'\s\\)]*/g, GONE],
  [/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, GONE],
  [/\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b/gi, GONE],
  // Cookies, where a script writes or names them.
  [/(document\.cookie\s*=\s*)(["'])[^"']*\2/g, `$1$2${GONE}$2`],
  [COOKIE, `$1=${GONE}`],
  // Tokens: in attributes, addresses, scripts, hidden fields.
  [
    /\s(?:data-ved|ping|nonce|data-hveid|data-eqld|data-csiid|data-s|data-sitekey)="[^"]*"/g,
    "",
  ],
  [PARAMETER, `$1$2$3${GONE}`],
  [/(\bk(?:EI|EXPI|OPI|BL|SN)\s*[:=]\s*)(["'])[^"']*\2/g, `$1$2${GONE}$2`],
  [/(WIZ_global_data\s*=\s*)\{[^}]*\}/g, "$1{}"],
  [
    /(["'](?:SNlM0e|cfb2h|FdrFJe|W3Yyqf|oPEP7c|S06Grb|qwAQke|eptZe|at|xsrf|token|email|sxsrf|ei)["']\s*:\s*)(["'])[^"']*\2/g,
    `$1$2${GONE}$2`,
  ],
  [/(<input\s[^>]{0,300}type="hidden"[^>]{0,300}?value=)(["'])[^"']{9,}\2/gi, `$1$2${GONE}$2`],
  // Whatever else is long and without a word in it.
  [/(?<![\w/.:-])[A-Za-z0-9_-]{48,}(?![\w/.-])/g, GONE],
];

/**
 * Takes cookies, tokens, account names, e-mail and network addresses out of a page. The shape of
 * the page, its attributes and the results' data stay: they are what a bug report is about.
 *
 * @param html The page.
 * @returns The page without them.
 */
export function withoutPrivateParts(html: string): string {
  let page = html;
  // The search's own tokens are also parts of other names all over the page.
  for (const token of tokensIn(html)) page = page.replaceAll(token, GONE);
  return RULES.reduce((text, [pattern, instead]) => text.replace(pattern, instead), page);
}

/** The values of the parameters that identify the session and the search. */
function tokensIn(html: string): string[] {
  const tokens = new Set<string>();
  for (const [, , name, , value = ""] of html.matchAll(PARAMETER)) {
    if (/^(?:ei|sei|sxsrf|fbs|sca_esv|iflsig|xsrf|at)$/.test(name ?? "")) tokens.add(value);
  }
  for (const [, value = ""] of html.matchAll(/\bkEI\s*[:=]\s*["']([^"']*)["']/g)) tokens.add(value);
  return [...tokens].filter((token) => token.length >= 12).slice(0, 50);
}
