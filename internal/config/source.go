package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Source is the machine's side: environment, home folder, files.
type Source struct {
	Getenv   func(string) string
	Home     string // absolute; empty where the user has none
	ReadFile func(string) ([]byte, error)
	Mode     func(string) (fs.FileMode, error) // of a file; nil where permissions mean nothing
}

// OS returns the real machine.
func OS() Source {
	s := Source{Getenv: os.Getenv, ReadFile: os.ReadFile}
	if home, err := os.UserHomeDir(); err == nil {
		s.Home = home
	}
	if runtime.GOOS != "windows" {
		s.Mode = func(path string) (fs.FileMode, error) {
			info, err := os.Stat(path)
			if err != nil {
				return 0, err
			}
			return info.Mode(), nil
		}
	}
	return s
}

// Path returns the configuration file: override, else $CLOUDTOP_CONFIG, else cloudtop/config.json in
// $XDG_CONFIG_HOME, else in ~/.config.
func (s Source) Path(override string) string {
	if override == "" {
		override = s.Getenv("CLOUDTOP_CONFIG")
	}
	if override == "" {
		override = "$XDG_CONFIG_HOME/cloudtop/config.json"
	}
	path, _ := s.expand(override)
	return path
}

// CacheDir returns the folder of what can be read anew at any time: $XDG_CACHE_HOME/cloudtop, else the one that the
// system has for it (~/.cache/cloudtop on Linux). It reports false where there is none.
func (s Source) CacheDir() (string, bool) {
	if top := s.Getenv("XDG_CACHE_HOME"); filepath.IsAbs(top) {
		return filepath.Join(top, "cloudtop"), true
	}
	switch {
	case s.Home == "":
		return "", false
	case runtime.GOOS == "darwin":
		return filepath.Join(s.Home, "Library", "Caches", "cloudtop"), true
	case runtime.GOOS == "windows":
		return filepath.Join(s.Home, "AppData", "Local", "cloudtop"), true
	}
	return filepath.Join(s.Home, ".cache", "cloudtop"), true
}

// expand replaces a first "~" or "$NAME" of a path: $HOME is the home folder and $XDG_CONFIG_HOME is ~/.config where
// it is not set to an absolute path. It reports false where there is nothing to replace it with.
func (s Source) expand(path string) (string, bool) {
	first, rest, _ := strings.Cut(filepath.ToSlash(path), "/")
	name, variable := strings.CutPrefix(first, "$")
	top := ""
	switch {
	case first == "~", variable && name == "HOME":
		top = s.Home
	case variable && name == "XDG_CONFIG_HOME":
		if top = s.Getenv(name); !filepath.IsAbs(top) {
			return s.expand("~/.config/" + rest)
		}
	case variable:
		top = s.Getenv(name)
	default:
		return path, true
	}
	if top == "" {
		return path, false
	}
	return filepath.Join(top, filepath.FromSlash(rest)), true
}

// short returns a path as people write it: with "~" for the home folder.
func (s Source) short(path string) string {
	if s.Home == "" {
		return path
	}
	rest, ok := strings.CutPrefix(path, s.Home+string(filepath.Separator))
	if !ok {
		return path
	}
	return "~/" + filepath.ToSlash(rest)
}
