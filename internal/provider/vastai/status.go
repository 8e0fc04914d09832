package vastai

import "github.com/adsops/cloudtop/internal/cloud"

// The words of actual_status (show_instances.yaml and the instance states of docs.vast.ai).
const (
	running   = "running"
	frozen    = "frozen" // its processes are paused, its cards are kept and billed
	stopped   = "stopped"
	exited    = "exited"
	created   = "created"
	loading   = "loading"
	rebooting = "rebooting"
	noBeat    = "unknown" // the machine sends no heartbeat
	offline   = "offline" // the machine is gone
)

// status maps what an instance does and what it is meant to do.
func (i *instance) status() cloud.Status {
	wanted := i.IntendedStatus != stopped
	switch i.ActualStatus {
	case running:
		return choose(wanted, cloud.StatusRunning, cloud.StatusStopping)
	case frozen:
		return cloud.StatusStopped
	case stopped:
		return choose(i.IntendedStatus == running, cloud.StatusStarting, cloud.StatusStopped)
	case exited: // by itself, where it is meant to run
		return choose(i.IntendedStatus == running, cloud.StatusFailed, cloud.StatusStopped)
	case "", created, loading, rebooting:
		return choose(wanted, cloud.StatusStarting, cloud.StatusStopping)
	case offline:
		return cloud.StatusFailed
	}
	return cloud.StatusUnknown
}

func choose(yes bool, a, b cloud.Status) cloud.Status {
	if yes {
		return a
	}
	return b
}

// live reports whether the readings of the container are of now: it exists and its machine reports.
func (i *instance) live() bool { return i.ActualStatus == running || i.ActualStatus == frozen }

// reachable reports whether the machine reports at all.
func (i *instance) reachable() bool { return i.ActualStatus != noBeat && i.ActualStatus != offline }
