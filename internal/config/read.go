package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"syscall"

	"github.com/adsops/cloudtop/internal/provider"
)

// Load reads the configuration at path. A file that is missing is an error only if explicit: else the configuration
// is Default. Beside the errors of Read it returns that of reading the file.
func Load(src Source, path string, explicit bool, reg provider.Registry) (*Config, error) {
	data, err := src.ReadFile(path)
	switch {
	case (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) && !explicit:
		return Default(), nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("configuration %s: %w; 'cloudtop config init' writes one", path, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c, err := Read(path, data, reg)
	if err != nil {
		return nil, err
	}
	c.dir = filepath.Dir(path)
	c.warnings = append(c.warnings, src.exposed(path, c, reg)...)
	return c, nil
}

// Read reads a configuration strictly. The error holds everything that is wrong, each an *Error, in the order of the
// file; name is what they call the file. No error holds a secret.
func Read(name string, data []byte, reg provider.Registry) (*Config, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin a file with it
	r := &reader{file: name, data: data, reg: reg}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		r.fail(0, field{}, "is UTF-16", "UTF-8")
		return nil, r.err()
	}
	if len(bytes.TrimSpace(data)) == 0 {
		r.fail(0, field{}, "is empty", `an object, like {"version": "1.0"}`)
		return nil, r.err()
	}
	root, at, err := parse(data)
	if err != nil {
		r.fail(at, field{}, "is no JSON: "+err.Error(), "")
		return nil, r.err()
	}
	c := Default()
	r.bind(root, reflect.ValueOf(c).Elem(), field{})
	if err := r.err(); err != nil {
		return nil, err
	}
	c.warnings = r.odd
	if r.lines != nil {
		c.file, c.lines = name, r.lines
	}
	return c, nil
}

// exposed warns of a file with secrets that others can read.
func (s Source) exposed(path string, c *Config, reg provider.Registry) []string {
	if s.Mode == nil || !c.secret(reg) {
		return nil
	}
	mode, err := s.Mode(path)
	if err != nil || mode&0o077 == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s holds a secret and others can read it (mode %04o): run chmod 600 %s", path, mode.Perm(), path)}
}

// secret reports whether the configuration itself holds a secret.
func (c *Config) secret(reg provider.Registry) bool {
	if c.Cache.Redis.URL != maskURL(c.Cache.Redis.URL) {
		return true
	}
	for _, s := range reg {
		p := c.Providers[s.Name]
		if p == nil {
			continue
		}
		for name := range secretFields(s) {
			if p.Auth[name] != "" {
				return true
			}
		}
	}
	return false
}
