package runpod

import (
	"io/fs"
	"strings"
)

// parseConfig reads ~/.runpod/config.toml as the vendor's own tools write it: runpodctl "apikey" at the top, and
// runpod-python "api_key" in the profile [default].
func parseConfig(data []byte, _ func(string) string) (map[string]string, error) {
	section := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section, _, _ = strings.Cut(strings.TrimLeft(line, "[ "), "]")
			section = strings.Trim(section, ` "'`)
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key = strings.ToLower(strings.Trim(key, " \t\"'"))
		if (key != "apikey" && key != "api_key") || (section != "" && section != "default") {
			continue
		}
		if v := unquote(strings.TrimSpace(value)); v != "" {
			return map[string]string{"api_key": v}, nil
		}
	}
	return nil, fs.ErrNotExist
}

// unquote returns what stands between the quotes that s begins with, "" where it begins with none.
func unquote(s string) string {
	if s == "" || (s[0] != '"' && s[0] != '\'') {
		return ""
	}
	text, _, ok := strings.Cut(s[1:], s[:1])
	if !ok {
		return ""
	}
	return text
}
