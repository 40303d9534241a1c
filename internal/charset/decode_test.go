package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"outrider/internal/charset"
)

func TestATextIsReadWhateverItIsSaidToBeIn(t *testing.T) {
	t.Parallel()
	const russian, german, japanese, chinese = "Спасибо, не интересно", "Grüße aus Köln – „schön“", "木曜日でお願いします。よろしくお願いいたします。", "你好，镕基先生同意周四。"
	for name, c := range map[string]struct{ said, in, want string }{
		"as it says":                            {"windows-1251", encode(t, "windows-1251", russian), russian},
		"Windows-1252 as ISO-8859-1":            {"iso-8859-1", encode(t, "windows-1252", german), german},
		"Windows-1252 as ASCII":                 {"us-ascii", encode(t, "windows-1252", "Grüße aus Köln"), "Grüße aus Köln"},
		"Windows-1254 as ISO-8859-9":            {"iso-8859-9", encode(t, "windows-1254", "Teşekkürler – “iyi”"), "Teşekkürler – “iyi”"},
		"GBK as GB2312":                         {"gb2312", encode(t, "gbk", chinese), chinese},
		"GBK as GB2312, with a blank":           {" \"GB2312\" ", encode(t, "gbk", chinese), chinese},
		"Windows-949 as KS_C_5601":              {"ks_c_5601-1987", encode(t, "euc-kr", "목요일에 좋습니다"), "목요일에 좋습니다"},
		"UTF-8 as ASCII":                        {"us-ascii", german, german},
		"UTF-8 as Latin 1":                      {"iso-8859-1", german, german},
		"UTF-8 as nothing":                      {"", german, german},
		"UTF-8 as what nobody knows":            {"x-whatever", german, german},
		"UTF-8 as UTF-16":                       {"utf-16", "Yes, Thursday", "Yes, Thursday"},
		"UTF-16":                                {"utf-16le", encode(t, "utf-16le", russian), russian},
		"Windows-1252 as UTF-8":                 {"utf-8", encode(t, "windows-1252", "Grüße aus Köln"), "Grüße aus Köln"},
		"Windows-1251 as UTF-8":                 {"utf-8", encode(t, "windows-1251", russian), russian},
		"Windows-1251 as nothing":               {"", encode(t, "windows-1251", russian), russian},
		"ISO-2022-JP as nothing":                {"", encode(t, "iso-2022-jp", japanese), japanese},
		"ISO-2022-JP as UTF-8":                  {"utf-8", encode(t, "iso-2022-jp", japanese), japanese},
		"Shift_JIS as ISO-2022-JP":              {"iso-2022-jp", encode(t, "shift_jis", japanese), japanese},
		"Shift_JIS, as Windows calls it":        {"cp932", encode(t, "shift_jis", japanese), japanese},
		"EUC-KR, as Windows calls it":           {"cp949", encode(t, "euc-kr", "목요일에 좋습니다"), "목요일에 좋습니다"},
		"UTF-8 that is cut":                     {"utf-8", russian[:len(russian)-1], russian[:len(russian)-2] + "Ð"},
		"one wrong byte in UTF-8":               {"utf-8", "Grüße aus Köln für alle \x96 schön", "Grüße aus Köln für alle – schön"},
		"GBK that is cut":                       {"gbk", encode(t, "gbk", chinese+chinese)[:45], ""},
		"HZ":                                    {"hz-gb-2312", "~{VPND~}", "中文"},
		"plain":                                 {"us-ascii", "Yes", "Yes"},
		"nothing":                               {"gbk", "", ""},
		"what can't be text in any, as nothing": {"", "hello \xff", "hello \xff"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := charset.DecodeAs(c.in, c.said)
			if name == "GBK that is cut" {
				if !strings.HasPrefix(got, chinese) {
					t.Errorf("got %q", got)
				}
			} else if got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func FuzzDecodeAs(f *testing.F) {
	for _, name := range []string{"", "utf-8", "gb2312", "iso-2022-jp", "utf-16", "us-ascii", "x"} {
		f.Add("a\xe4\xbd\xa0 \x1b$B;3\xff", name)
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		if got := charset.DecodeAs(text, name); utf8.ValidString(text) && name == "utf-8" && !strings.Contains(text, "\x1b$") && got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}
