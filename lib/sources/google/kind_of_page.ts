/**
 * What kind of page Google answered with.
 *
 * @module
 */

import type { PageReading } from "./page.ts";

/** What a page is, and for the kinds that words or gaps decide, whether that is certain. */
export type PageKind =
  /** Cards, or data that stands for them. `corrected`: for a spelling that is not ours. */
  | { readonly kind: "results"; readonly corrected: boolean }
  /** Google says it found nothing, or shows results of another query instead. */
  | { readonly kind: "no-results"; readonly certain: boolean }
  /** Consent to cookies is asked for, on a page of its own or over the results. */
  | { readonly kind: "consent" }
  /** Google takes us for a robot. */
  | { readonly kind: "robot-check" }
  /** The page for clients without JavaScript, or before it ran. */
  | { readonly kind: "shell" }
  /** Nothing to see. */
  | { readonly kind: "empty" }
  /** An error's status: 429, 503 … */
  | { readonly kind: "turned-away"; readonly status: number }
  /** Something is there, but not as we know it. */
  | { readonly kind: "not-recognised" };

/** What is known of a page besides its reading. */
export interface Arrived {
  /** Where the tab is. */
  readonly url: string;
  /** The document's status; 0 where it is not known. */
  readonly status: number;
  /** Whether the page's scripts hold results. */
  readonly data: boolean;
}

/** Google's words for nothing found. The page is asked for in English; others are for safety. */
const NOTHING_FOUND = new RegExp(
  [
    "did(?: not|n['’]t) match any",
    "no (?:image )?results (?:were )?found",
    "(?:aren['’]t|are not) any (?:great )?matches|no matches for your search",
    "no images (?:were )?found",
    "keine (?:übereinstimm|ergebnisse|bilder|treffer)|keine mit \\S+ suchanfrage",
    "stimmt mit keine[mn]",
    "aucune? (?:document|résultat|image|correspondance)",
    "no (?:se han? encontrad|se encontr|ha obtenido|obtuvo|coincide con ning)",
    "nessun (?:documento|risultato)|nessuna immagine|non ha prodotto",
    "não (?:encontrou|foram encontrad|obteve|corresponde a nenhum)|nenhum (?:resultado|documento)",
    "geen (?:resultaten|documenten|overeenkom|afbeeldingen)",
    "一致する(?:情報|画像|検索結果)[はが](?:見つかり|あり)ません|検索結果[はが](?:見つかり|あり)ません",
    "找不到|没有找到|沒有找到|未找到|找不到和您查询的",
    "일치하는 (?:검색결과|이미지)가 없습니다|검색결과가 없습니다",
    "ничего не найдено|нічого не знайдено",
    "nie została odnaleziona|brak wyników|nie pasuje do żadn",
    "hiçbir arama sonucu|eşleşen .{0,40}(?:bulunamadı|yok)|sonuç bulunamadı",
    "matchade inte|inga (?:resultat|träffar)",
    "(?:svarede|samsvarte) ikke (?:til|med)|ingen (?:resultater|treff)",
    "ei vastannut|ei tuloksia|ei löytynyt",
    "neodpovídá|nebyly nalezeny|žádné výsledky",
    "nem (?:található|egyezik|hozott)|nincs találat",
    "nu se potrivește|niciun rezultat",
    "δεν (?:βρέθηκ|ταιριάζει)",
    "tidak cocok dengan|tidak ditemukan|không tìm thấy|ไม่ตรงกับ|ไม่พบ",
    "لم ينجح|لا توجد نتائج|لم يتم العثور|לא נמצא|לא תאם",
    "कोई परिणाम नहीं|मेल नहीं खा",
  ].join("|"),
  "i",
);
const OTHER_SPELLING =
  /\b(?:showing|including) results for\b|\bsearch (?:instead|only) for\b|\bshowing results instead\b/i;
/** The robot check's words, and those of its elder brother without a form. */
const ROBOTS = /\bunusual traffic from your\b|\bmay be sending automated queries\b/i;

/**
 * Tells what kind of page it is.
 *
 * @param page What the page says.
 * @param arrived Where the tab is and what came with the page.
 *
 * @example
 * ```ts
 * import { kindOfPage } from "./kind_of_page.ts";
 * import { readPageText } from "./page.ts";
 *
 * const page = readPageText('<form id="captcha-form"></form>');
 * kindOfPage(page, { url: "https://www.google.com/sorry/index", status: 429, data: false }); // { kind: "robot-check" }
 * ```
 */
export function kindOfPage(page: PageReading, arrived: Arrived): PageKind {
  const url = URL.parse(arrived.url);
  if (page.captcha || url?.pathname.startsWith("/sorry/")) return { kind: "robot-check" };
  if (page.consent || url?.hostname.startsWith("consent.")) return { kind: "consent" };
  if (page.cards.length > 0 || arrived.data) {
    // "No results found for “A b”. Results for A b (without quotes):" is another query's results.
    if (NOTHING_FOUND.test(page.text) && page.cards.length > 0) {
      return { kind: "no-results", certain: true };
    }
    const forced = url?.searchParams.get("nfpr") === "1";
    // A search that was forced carries its `nfpr=1` into all of its page's links.
    const corrected = OTHER_SPELLING.test(page.text) || (page.spelling && !forced);
    return { kind: "results", corrected };
  }
  if (ROBOTS.test(page.text)) return { kind: "robot-check" };
  if (arrived.status >= 400) return { kind: "turned-away", status: arrived.status };
  if (NOTHING_FOUND.test(page.text)) return { kind: "no-results", certain: true };
  if (page.pictures > 0) return { kind: "not-recognised" };
  if (page.searchField) return { kind: "no-results", certain: false };
  if (page.enableScripts) return { kind: "shell" };
  return page.text.length < 40 ? { kind: "empty" } : { kind: "not-recognised" };
}
