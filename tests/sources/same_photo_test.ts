import { assertEquals } from "@std/assert";
import { photoOf, photosShown } from "../../lib/sources/same_photo.ts";

Deno.test("photoOf() names one photo by every address that it has", () => {
  const cases: Record<string, readonly string[]> = {
    "inaturalist 1001": [
      "https://inaturalist-open-data.s3.amazonaws.com/photos/1001/original.jpg",
      "https://static.inaturalist.org/photos/1001/square.jpeg?1598551272",
      "https://www.inaturalist.org/photos/1001",
      "http://inaturalist.org/photos/1001/",
    ],
    "flickr 40593461235": [
      "https://live.staticflickr.com/894/40593461235_b72593df28_b.jpg",
      "https://live.staticflickr.com/894/40593461235_b72593df28.jpg",
      "https://farm5.staticflickr.com/894/40593461235_0a1b2c3d4e_o.png",
      "https://www.flickr.com/photos/126953422@N04/40593461235",
      "https://flickr.com/photos/ann/40593461235/in/pool-fish/",
    ],
    "commons Betta_(demo).jpg": [
      "https://upload.wikimedia.org/wikipedia/commons/a/ab/Betta_%28demo%29.jpg",
      "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/Betta_(demo).jpg/1280px-Betta_(demo).jpg",
      "https://commons.wikimedia.org/wiki/File:Betta_(demo).jpg",
      "https://commons.m.wikimedia.org/wiki/File%3ABetta%20(demo).jpg",
    ],
  };
  for (const [photo, addresses] of Object.entries(cases)) {
    for (const address of addresses) assertEquals(photoOf(address), photo, address);
  }
});

Deno.test("photoOf() takes nothing else for a photo", () => {
  const others = [
    "",
    "not an address",
    "https://evil.example/photos/1001/square.jpg",
    "https://www.inaturalist.org/observations/1001",
    "https://inaturalist.org.evil.example/photos/1001",
    "https://www.flickr.com/photos/ann/",
    "https://evilstaticflickr.com/894/40593461235_b72593df28_b.jpg",
    "https://upload.wikimedia.org/wikipedia/en/a/ab/Betta.jpg",
    "https://commons.wikimedia.org/wiki/Category:Betta",
    "https://upload.wikimedia.org/wikipedia/commons/a/ab/%E0%A4%A.jpg",
  ];
  for (const address of others) assertEquals(photoOf(address), undefined, address);
});

Deno.test("photosShown() gives the photos of address, page and origin, each once", () => {
  assertEquals(
    photosShown({
      url: "https://upload.wikimedia.org/wikipedia/commons/a/ab/F.jpg",
      page: "https://commons.wikimedia.org/wiki/File:F.jpg",
      origin: "https://www.flickr.com/photos/ann/4930/",
    }),
    ["commons F.jpg", "flickr 4930"],
  );
});
