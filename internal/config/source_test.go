package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/config"
)

func TestRealMachineIsRead(t *testing.T) { // not parallel: it sets the environment
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("CLOUDTOP_CONFIG", "")
	t.Setenv("NEON_API_KEY", "k")
	src := config.OS()
	path := filepath.Join(dir, ".config", "cloudtop", "config.json")
	if runtime.GOOS != "windows" && src.Path("") != path {
		t.Errorf("the configuration is %s, want %s", src.Path(""), path)
	}
	path = src.Path("")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`{"providers": {"vast": {"auth": {"api_key": "k"}}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(src, path, false, clouds())
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && (len(c.Warnings()) != 1 || !strings.Contains(c.Warnings()[0], "mode 0644")) {
		t.Errorf("warnings are %q, want one of mode 0644", c.Warnings())
	}
	for _, name := range []string{"neon", "vastai"} {
		if r := resolved(t, c, src, name); r.Err != nil || !r.Enabled {
			t.Errorf("%s: %v, want its credential", name, r.Err)
		}
	}
	if _, err := src.Mode(path + ".none"); runtime.GOOS != "windows" && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("mode of no file: %v, want fs.ErrNotExist", err)
	}
}

func TestFileThatCannotBeLoadedBecauseItIsAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := config.Load(config.OS(), dir, false, clouds()); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want an error that names %s", err, dir)
	}
}

func BenchmarkRead(b *testing.B) {
	data, reg := product(b), clouds()
	for b.Loop() {
		if _, err := config.Read("config.json", data, reg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	src, reg := machine(texts{"NEON_API_KEY": "k"}, texts{".oci/config": "user=u\nfingerprint=f"}), clouds()
	for b.Loop() {
		config.Default().Resolve(src, reg)
	}
}
