import { assertEquals } from "@std/assert";
import { pictureAt, readLink, registered } from "../../../lib/sources/fishbase/addresses.ts";

const BASE = "https://www.fishbase.se/photos/ThumbnailsSummary.php?ID=7";

Deno.test("pictureAt() finds the picture in every form a page names it in", () => {
  const upload = "/tools/UploadPhoto/uploads/147_1.2.jpg";
  const cases: [string, string | undefined][] = [
    ["../images/species/Bedem_u0.jpg", "/images/species/Bedem_u0.jpg"],
    ["../Images/Species/Bedem_u0.jpg", "/images/species/Bedem_u0.jpg"],
    ["../images/thumbnails/jpg/tn_Bedem_u0.jpg", "/images/species/Bedem_u0.jpg"],
    ["/images//thumbnails/gif/tn_Bedem_u0.gif", "/images/species/Bedem_u0.gif"],
    ["//fishbase.de/images/species/Bedem_u0.JPG?x=1", "/images/species/Bedem_u0.JPG"],
    ["http://d1iraxgbwuhpbw.cloudfront.net/images/species/A_u0.jpg", "/images/species/A_u0.jpg"],
    ["http://www.fishbase.us/tools/UploadPhoto/uploads/147_1.2.jpg", upload],
    [`workimagethumb.php?s=${encodeURIComponent(`http://www.fishbase.us${upload}`)}&w=300`, upload],
    [`workimagethumb.php?s=http://www.fishbase.se${upload}&w=600`, upload],
    [`workimagethumb.php?w=300&S=${upload}`, upload],
    ["/tools/display_image.php?fw=n&imgName=147_1.2.jpg", upload],
    ["/tools/display_image.php?imgName=../../../etc/147_1.2.jpg", upload],
    ["/tools/display_image.php?imgName=passwd", undefined],
    ["/tools/display_image.php", undefined],
    ["workimagethumb.php?s=http%3A%2F%2Fevil.example%2Fimages%2Fspecies%2FA.jpg", undefined],
    ["workimagethumb.php?s=%E0%A4%A.jpg", undefined],
    ["workimagethumb.php", undefined],
    ["https://evil.example/images/species/A_u0.jpg", undefined],
    ["https://fishbase.se.evil.example/images/species/A_u0.jpg", undefined],
    ["https://www.fishbase.se:8080/images/species/A_u0.jpg", undefined],
    ["https://u:p@www.fishbase.se/images/species/A_u0.jpg", undefined],
    ["javascript:alert(1)", undefined],
    ["data:image/jpeg;base64,AAAA", undefined],
    ["/images/gifs/FBLogo_s.gif", undefined],
    ["/images/sponsorlogos/UWA.jpg", undefined],
    ["/images/aquamaps/native/pic_Fis-1.jpg", undefined],
    ["/images/stamps/Bedem_s0.jpg", undefined],
    ["#", undefined],
    ["", undefined],
    ["http://[", undefined],
  ];
  for (const [link, path] of cases) assertEquals(pictureAt(link, BASE)?.path, path, link);
});

Deno.test("pictureAt() gives one key to a picture in all sizes, and another to each ending", () => {
  const key = (link: string) => pictureAt(link, BASE)?.key;
  assertEquals(key("/images/species/A_u0.jpg") === key("/images/species/A_u0.gif"), false);
  assertEquals(key("/images/species/A_u0.jpg"), key("../images/thumbnails/jpg/tn_a_U0.jpg"));
});

Deno.test("registered() takes the name of a picture's file and nothing else", () => {
  assertEquals(registered("Pamacuu1.jpg")?.path, "/images/species/Pamacuu1.jpg");
  for (const name of ["", "../../x.jpg", "a/b.jpg", "a%2fb.jpg", "x.jpg?y=1", "x.php", "x.jpg\n"]) {
    assertEquals(registered(name), undefined, name);
  }
});

Deno.test("readLink() keeps to the hosts of FishBase", () => {
  assertEquals(readLink("A.php", BASE)?.href, "https://www.fishbase.se/photos/A.php");
  assertEquals(readLink("http://FishBase.org/summary/69", BASE)?.host, "fishbase.org");
  assertEquals(readLink("https://www.google.com/images", BASE), undefined);
  assertEquals(readLink("mailto:a@b.example", BASE), undefined);
});
