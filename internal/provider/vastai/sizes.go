package vastai

import (
	"math"

	"github.com/adsops/cloudtop/pkg/loose"
)

// gigabytes converts a size in the API's MB, to a tenth; unknown where it is not more than nothing. They are binary:
// gpu_ram of a card with 24 GB is 24576, or 24564 as the driver reports it.
func gigabytes(mb number) number {
	if v := round1(mb.Value / 1024); mb.Known && v > 0 {
		return loose.Of(v)
	}
	return number{}
}

// round1 rounds to a tenth.
func round1(v float64) float64 { return math.Round(v*10) / 10 }
