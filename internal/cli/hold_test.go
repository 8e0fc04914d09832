package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestHeldTalkComesWhenItIsReleased(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := &app{streams: streams{err: &out}}
	release := a.holdErr()
	a.warn([]string{"the cache is full"})
	fmt.Fprint(a.err, strings.Repeat("x", mostHeld))
	fmt.Fprint(a.err, "y")
	if out.Len() > 0 {
		t.Errorf("written while held: %q", out.String())
	}
	release()
	fmt.Fprint(a.err, "z")
	if got, want := out.String(), "cloudtop: warning: the cache is full\nyz"; got != want {
		t.Errorf("got %.80q, want %q", got, want)
	}
}
