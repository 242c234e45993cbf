import { assertEquals } from "@std/assert";
import {
  FISHBASE_MIRRORS,
  mirrorHosts,
  pictureAt,
  readLink,
} from "../../../lib/sources/fishbase/addresses.ts";

const HOSTS = mirrorHosts(FISHBASE_MIRRORS);
const BASE = "https://www.fishbase.se/photos/ThumbnailsSummary.php?ID=7";

Deno.test("pictureAt() finds the picture in every form a page names it in", () => {
  const upload = "/tools/UploadPhoto/uploads/147_1.2.jpg";
  const cases: [string, string | undefined][] = [
    ["../images/species/Bedem_u0.jpg", "/images/species/Bedem_u0.jpg"],
    ["../images/thumbnails/jpg/tn_Bedem_u0.jpg", "/images/species/Bedem_u0.jpg"],
    ["/images//thumbnails/gif/tn_Bedem_u0.gif", "/images/species/Bedem_u0.gif"],
    ["//fishbase.de/images/species/Bedem_u0.JPG?x=1", "/images/species/Bedem_u0.JPG"],
    ["http://d1iraxgbwuhpbw.cloudfront.net/images/species/A_u0.jpg", "/images/species/A_u0.jpg"],
    ["http://www.fishbase.us/tools/UploadPhoto/uploads/147_1.2.jpg", upload],
    [`workimagethumb.php?s=${encodeURIComponent(`http://www.fishbase.us${upload}`)}&w=300`, upload],
    [
      `workimagethumb.php?S=${
        encodeURIComponent(encodeURIComponent(`http://www.fishbase.us${upload}`))
      }`,
      upload,
    ],
    [`workimagethumb.php?s=http://www.fishbase.se${upload}&w=600`, upload],
    [`workimagethumb.php?w=300&s=${upload}`, upload],
    ["/tools/display_image.php?fw=n&imgName=147_1.2.jpg", upload],
    ["/tools/display_image.php?imgName=../../../etc/147_1.2.jpg", upload],
    ["/tools/display_image.php?imgName=passwd", undefined],
    ["workimagethumb.php?s=http%3A%2F%2Fevil.example%2Fimages%2Fspecies%2FA.jpg", undefined],
    ["workimagethumb.php?s=%E0%A4%A.jpg", undefined],
    ["https://evil.example/images/species/A_u0.jpg", undefined],
    ["https://fishbase.se.evil.example/images/species/A_u0.jpg", undefined],
    ["https://www.fishbase.se:8080/images/species/A_u0.jpg", undefined],
    ["https://u:p@www.fishbase.se/images/species/A_u0.jpg", undefined],
    ["/images/species/thumbs/Bedem_u0.jpg", "/images/species/Bedem_u0.jpg"],
    ["/images/species/Bedem_u0_thumb.jpg", "/images/species/Bedem_u0.jpg"],
    ["/tools/UploadPhoto/uploads/thumbs/tn_147_1.2.jpg", upload],
    ["/tools/thumb.php?src=/images/species/Bedem_u0.jpg&w=90", "/images/species/Bedem_u0.jpg"],
    ["resizeimage.php?file=/tools/UploadPhoto/uploads/147_1.2.jpg", upload],
    ["/tools/thumb.php?src=https://evil.example/images/species/A_u0.jpg", undefined],
    ["ThumbnailsSummary.php?pic=/images/species/A_u0.jpg", undefined],
    ["/images/species/Bedem_u0.jpg;jsessionid=1", "/images/species/Bedem_u0.jpg"],
    ["javascript:alert(1)", undefined],
    ["data:image/jpeg;base64,AAAA", undefined],
    ["/images/gifs/FBLogo_s.gif", undefined],
    ["/images/sponsorlogos/UWA.jpg", undefined],
    ["#", undefined],
    ["", undefined],
    ["http://[", undefined],
  ];
  for (const [link, path] of cases) assertEquals(pictureAt(link, BASE, HOSTS)?.path, path, link);
});

Deno.test("pictureAt() tells maps, larvae and pictograms from photos, and .jpg from .gif", () => {
  const kind = (link: string) => pictureAt(link, BASE, HOSTS)?.kind;
  assertEquals(kind("/images/aquamaps/native/pic_Fis-1.jpg"), "map");
  assertEquals(kind("/images/larvae/Bedem_l0.jpg"), "larva");
  assertEquals(kind("/images/thumbnails/gif/tn_CALLICT0.gif"), "pictogram");
  assertEquals(kind("/images/species/COBAR_U0.gif"), "photo");
  for (const none of ["nophoto.gif", "no_image_available.jpg", "blank.gif", "notavailable.jpg"]) {
    assertEquals(kind(`/images/species/${none}`), "pictogram", none);
    assertEquals(kind(`/images/thumbnails/jpg/tn_${none}`), "pictogram", none);
  }
  for (const fish of ["Noemi_u0.jpg", "Notax_u1.jpg", "Nopic_u0.jpg", "Blank_u0.jpg"]) {
    assertEquals(kind(`/images/species/${fish}`), "photo", fish);
  }
  const key = (link: string) => pictureAt(link, BASE, HOSTS)?.key;
  assertEquals(key("/images/species/A_u0.jpg") === key("/images/species/A_u0.gif"), false);
  assertEquals(key("/images/species/A_u0.jpg"), key("../images/thumbnails/jpg/tn_a_U0.jpg"));
});

Deno.test("readLink() keeps to the mirrors", () => {
  assertEquals(
    readLink("Record.php", BASE, HOSTS)?.href,
    "https://www.fishbase.se/photos/Record.php",
  );
  assertEquals(readLink("http://FishBase.org/summary/69", BASE, HOSTS)?.host, "fishbase.org");
  assertEquals(readLink("https://www.google.com/images", BASE, HOSTS), undefined);
  assertEquals(readLink("mailto:a@b.example", BASE, HOSTS), undefined);
});
