package api_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"
)

// showPicture lets who is a member set a picture, and whoever may see people look at it. It stays set.
func showPicture(t *testing.T, member, colleague *signedInMember, elsewhere *client) {
	t.Helper()
	red := image.NewRGBA(image.Rect(0, 0, 300, 200))
	draw.Draw(red, red.Bounds(), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	check(t, png.Encode(&file, red))
	upload := obj{"image": base64.StdEncoding.EncodeToString(file.Bytes())}

	member.refused(404, "not_found", "GET", "/v1/me/picture", nil)
	member.refused(422, "invalid", "PUT", "/v1/me/picture", obj{"image": base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))})
	set := member.ok("PUT", "/v1/me/picture", upload).text("picture")
	if again := member.ok("PUT", "/v1/me/picture", upload).text("picture"); set == "" || again != set {
		t.Errorf("versions %q, then %q", set, again)
	}
	user, _ := member.ok("GET", "/v1/me", nil).json["user"].(map[string]any)
	versions := 0
	for _, m := range colleague.ok("GET", "/v1/members", nil).list("data") {
		if m := m.(map[string]any); m["id"] == member.person.String() && m["picture"] == set {
			versions++
		}
	}
	if user["picture"] != set || versions != 1 {
		t.Errorf("of version %s, me says %v and %d members have it", set, user["picture"], versions)
	}
	path := "/v1/members/" + member.person.String() + "/picture"
	shown := colleague.ok("GET", path, nil)
	m, err := jpeg.Decode(bytes.NewReader(shown.body))
	if err != nil || shown.header.Get("Content-Type") != "image/jpeg" || shown.header.Get("X-Content-Type-Options") != "nosniff" || m.Bounds().Dx() != 256 || m.Bounds().Dy() != 256 {
		t.Errorf("shown as %v: %v", shown.header, err)
	}
	if own := member.ok("GET", "/v1/me/picture", nil); !bytes.Equal(own.body, shown.body) {
		t.Error("they see another picture of themselves")
	}
	if same := colleague.do("GET", path, nil, "If-None-Match", shown.header.Get("ETag")); same.status != 304 || len(same.body) != 0 {
		t.Errorf("what one has already: %d, %d bytes", same.status, len(same.body))
	}
	elsewhere.refused(404, "not_found", "GET", path, nil)
	colleague.with("members:read").refused(403, "forbidden", "GET", path, nil)

	if a := member.do("DELETE", "/v1/me/picture", nil); a.status != 204 {
		t.Errorf("removed: %d %s", a.status, a.body)
	}
	colleague.refused(404, "not_found", "GET", path, nil)
	member.ok("PUT", "/v1/me/picture", upload)
	if out := member.ok("GET", "/v1/me/export", nil); out.text("picture") != base64.StdEncoding.EncodeToString(shown.body) {
		t.Errorf("the export has %.40q", out.text("picture"))
	}
}
