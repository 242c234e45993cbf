import { assert, assertEquals } from "@std/assert";
import {
  findResults,
  isGoogleHost,
  isOriginal,
  readImageLink,
} from "../../../lib/sources/google/data.ts";
import { card, photosFor, scrollAnswer, tuple } from "./small_google.ts";

Deno.test("findResults() reads what answers scrolling, however it is framed", () => {
  const photos = photosFor("guppy", 3);
  const data = `[[${photos.map(tuple).join()}]]`;
  const markup = photos.map((photo) => card(photo)).join("");
  const frames = [
    scrollAnswer(0, { first: photos }),
    `)]}'\n\n${data.length}\n${
      JSON.stringify([["wrb.fr", "HoAMBc", data, null, "generic"]])
    }\n25\n[["e",4,null,null,9]]`,
    `1a;["x",null]2b;${markup}3c;[1,${data}]4d;[]`,
    `${markup}<script nonce="">(function(){var m=${data};})();</script>`,
    `AF_initDataCallback({key: 'ds:1', hash: '2', data:[null,[[["b-GRID_STATE0",null,${data}]]]], sideChannel: {}});`,
    JSON.stringify({ d: `<script>google.x=${JSON.stringify(data)}</script>` }) + '/*""*/',
  ];
  for (const frame of frames) {
    assertEquals(
      findResults(frame, "scroll"),
      photos.map((photo) => ({ ...photo, road: "scroll" })),
      frame.slice(0, 60),
    );
  }
});

Deno.test("findResults() takes nothing out of hostile text, and takes no time about it", () => {
  const begun = performance.now();
  const start = '[0,"docid12",["https://encrypted-tbn0.gstatic.com/images?q=tbn:x",1,2],[';
  for (
    const text of [
      "[".repeat(300_000),
      '["https://a.example/x.jpg",'.repeat(20_000),
      start.repeat(5_000),
      `${start}"https://a.example/x.jpg",1e999,"x"]`,
      `${start}"javascript:alert(1)",3,4]]`,
      `${start}"https://localhost/x.jpg",3,4]]`,
      "\\".repeat(200_000) + '"',
      '"https://a.example' + "\\u003d".repeat(50_000),
      `${start}"https://a.example/x.jpg",3,4],${"[".repeat(20_000)}${"]".repeat(20_000)}]`,
    ]
  ) assertEquals(findResults(text), []);
  // A guard against quadratic reading, which takes minutes here, not a measurement.
  assertEquals(performance.now() - begun < 20_000, true);
});

Deno.test("isGoogleHost() lets Google in and nobody who looks like it", () => {
  for (
    const host of [
      "www.google.com",
      "consent.google.com",
      "ipv4.google.com",
      "www.gstatic.com",
      "encrypted-tbn0.gstatic.com",
    ]
  ) {
    assert(isGoogleHost(host), host);
  }
  for (
    const host of [
      "google.com.evil.example",
      "evilgoogle.com",
      "www.google.evil",
      "gstatic.com.example",
      "photos.example",
      "",
      "localhost",
    ]
  ) {
    assert(!isGoogleHost(host), host);
  }
});

Deno.test("isOriginal() takes other people's pictures alone", () => {
  for (
    const url of [
      "https://a.example/x.php?y",
      "http://a.example/x",
      "https://1.bp.blogspot.com/x.jpg",
      "https://blogger.googleusercontent.com/img/x",
    ]
  ) {
    assert(isOriginal(url), url);
  }
  for (
    const url of [
      "",
      "x.jpg",
      "data:image/png;base64,x",
      "ftp://a.example/x",
      "https://encrypted-tbn3.gstatic.com/images?q=tbn:x",
      "https://www.google.com/logo.png",
      "blob:https://a.example/1",
      "https://localhost/x",
    ]
  ) {
    assert(!isOriginal(url), url);
  }
});

Deno.test("readImageLink() reads what an /imgres link says", () => {
  assertEquals(
    readImageLink(
      "/imgres?imgurl=https%3A%2F%2Fa.example%2Fx.jpg%3Fa%3D1&imgrefurl=https%3A%2F%2Fa.example%2F&tbnid=d_1&w=12&h=x",
    ),
    {
      url: "https://a.example/x.jpg?a=1",
      page: "https://a.example/",
      width: 12,
      height: undefined,
      docid: "d_1",
    },
  );
  assertEquals(readImageLink("/imgres?imgurl=javascript%3Ax"), undefined);
  assertEquals(readImageLink("/url?imgurl=https%3A%2F%2Fa.example%2Fx.jpg"), undefined);
});
