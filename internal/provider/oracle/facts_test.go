package oracle

import (
	"reflect"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// TestFactsLeaveOutWhatIsNotThere: a zero that Oracle says is a fact, a missing one is none.
func TestFactsLeaveOutWhatIsNotThere(t *testing.T) {
	t.Parallel()
	var f facts
	f.text("empty", "")
	f.text("text", "x")
	f.number("unknown", number{})
	f.number("zero", number{0, true})
	f.number("half", number{0.5, true})
	f.count("no_count", number{})
	f.count("count", number{3, true})
	f.yes("no", false)
	f.yes("yes", true)
	f.time("never", moment{})
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	f.time("at", moment{at})
	want := []cloud.Attr{{Name: "text", Value: "x"}, {Name: "zero", Value: 0.0}, {Name: "half", Value: 0.5}, {Name: "count", Value: 3}, {Name: "yes", Value: true}, {Name: "at", Value: at}}
	if !reflect.DeepEqual([]cloud.Attr(f), want) {
		t.Errorf("facts %v, want %v", f, want)
	}
}

func TestBaselinesAreFractions(t *testing.T) {
	t.Parallel()
	for native, want := range map[string]string{
		"BASELINE_1_8": "1/8", "BASELINE_1_2": "1/2", "BASELINE_1_1": "", "": "", "BASELINE_1_16": "1/16", "FULL": "",
	} {
		if got := baseline(native); got != want {
			t.Errorf("%q is %q, want %q", native, got, want)
		}
	}
}
