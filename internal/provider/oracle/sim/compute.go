package oraclesim

import (
	"math/rand/v2"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// instance is a compute instance.
type instance struct {
	thing
	shape       *shape
	ocpus       float64
	memoryGB    float64
	baseline    string // of a burstable instance
	preemptible bool
	agent       bool // its agent reports metrics
	rebootDue   time.Time
	tail        string // the fields that are the same for many, as JSON
}

// addInstance makes an instance; about one in twenty gets a shadow that is terminated already.
func (c *cloud) addInstance(r *rand.Rand, t thing, i, role int) {
	n := &instance{thing: t, shape: c.drawShape(r, i, role), agent: true}
	n.id = ocid(r, "instance", t.region)
	n.name = drawName(r, i)
	n.state = instanceState(r, i)
	n.ocpus, n.memoryGB = n.shape.ocpus, n.shape.memoryGB
	if n.shape.flexible {
		n.ocpus = one(r, 1.0, 1, 2, 2, 4, 8, 16)
		n.memoryGB = n.ocpus * n.shape.perOCPU
	}
	switch {
	case n.shape.name == "VM.Standard.E4.Flex" && r.IntN(9) == 0:
		n.baseline = one(r, "BASELINE_1_8", "BASELINE_1_2")
	case n.shape.flexible && r.IntN(14) == 0:
		n.preemptible = true
	}
	if role == 2 && r.IntN(6) == 0 && n.shape.gpus == 0 {
		n.agent = false
	}
	if r.IntN(40) == 0 {
		n.rebootDue = sim.Epoch.AddDate(0, 0, 3+r.IntN(20))
	}
	n.tail = c.tails.of(n)
	put(t.region.instances, n.compartment, n)
	if r.IntN(20) == 0 {
		gone := *n
		gone.id, gone.state = ocid(r, "instance", t.region), "TERMINATED"
		put(t.region.instances, n.compartment, &gone)
	}
}

func put[T any](m map[*compartment][]*T, k *compartment, v *T) { m[k] = append(m[k], v) }

// drawShape: GPUs in regions of role 1.
func (c *cloud) drawShape(r *rand.Rand, i, role int) *shape {
	if role == 1 && (i%7 == 1 || r.IntN(9) == 0) {
		return &c.gpuShapes[r.IntN(len(c.gpuShapes))]
	}
	all := c.shapes
	if r.IntN(30) > 0 { // bare metal is rare
		all = all[:len(all)-1]
	}
	return &all[r.IntN(len(all))]
}

// instanceState: most instances run. The first ones show every state.
func instanceState(r *rand.Rand, i int) string {
	if i < 4 {
		return "RUNNING"
	}
	if states := []string{"STOPPED", "STARTING", "STOPPING", "PROVISIONING", "CREATING_IMAGE", "TERMINATING", "MOVING"}; i%4 == 0 && i/4-1 < len(states) {
		return states[i/4-1]
	}
	switch n := r.IntN(100); {
	case n < 88:
		return "RUNNING"
	case n < 97:
		return "STOPPED"
	}
	return one(r, "STARTING", "PROVISIONING", "STOPPING")
}

func drawName(r *rand.Rand, i int) string {
	if r.IntN(25) == 0 {
		return one(r, "büro-server-", "データ分析-", "naïve-bayes-", `quote"d <b>-`) + sequence(i)
	}
	return one(r, "web", "api", "worker", "batch", "cache", "bastion", "ml-train", "etl") + "-" +
		one(r, "prod", "stg", "eu", "blue", "green") + "-" + sequence(i)
}

// word maps the lifecycle to cloudtop's words.
func (n *instance) word() string {
	switch n.state {
	case "RUNNING":
		return "running"
	case "STOPPED":
		return "stopped"
	case "STOPPING", "TERMINATING":
		return "stopping"
	}
	return "starting"
}

// cost is what the instance costs per hour, nil where the price list does not tell. Preemptible capacity
// costs half; a burstable instance pays for its baseline.
func (n *instance) cost() *float64 {
	if n.state != "RUNNING" {
		return nil
	}
	b := n.shape.billed
	share := 1.0
	if n.preemptible {
		share = 0.5
	}
	ocpus := n.ocpus
	switch n.baseline {
	case "BASELINE_1_8":
		ocpus /= 8
	case "BASELINE_1_2":
		ocpus /= 2
	}
	return bill(charge{b.ocpu, ocpus * share}, charge{b.memory, n.memoryGB * share}, charge{b.gpu, float64(n.shape.gpus) * share})
}

// charge is an amount of a part of the price list.
type charge struct {
	part   string
	amount float64
}

// bill adds charges up; nil where nothing is charged or a price is not known.
func bill(charges ...charge) *float64 {
	var total float64
	known := false
	for _, c := range charges {
		if c.part == "" {
			continue
		}
		p := price(c.part)
		if p == nil {
			return nil
		}
		total += *p * c.amount
		known = true
	}
	if !known {
		return nil
	}
	return &total
}

// appendJSON appends the instance as Instance of core 20160918.
func (n *instance) appendJSON(b []byte) []byte {
	b = n.open(b, "displayName")
	b = appendAll(b, `,"region":"`, regionField(n.region), `","shape":"`, n.shape.name, `","faultDomain":"`, n.fd, `","shapeConfig":`)
	b = n.appendShapeConfig(b)
	if !n.rebootDue.IsZero() {
		b = appendAll(b, `,"timeMaintenanceRebootDue":"`, written(n.rebootDue), `"`)
	}
	return append(b, n.tail...)
}

// regionField: the two oldest regions are called by their keys.
func regionField(r *region) string {
	if r.key == "iad" || r.key == "phx" {
		return r.key
	}
	return r.name
}

// appendShapeConfig appends InstanceShapeConfig.
func (n *instance) appendShapeConfig(b []byte) []byte {
	s, gbps, disksGB := n.shape, n.shape.gbps, any(nil)
	if s.flexible {
		gbps *= n.ocpus
	}
	if s.disks > 0 {
		disksGB = s.disksGB
	}
	for _, field := range []struct {
		name  string
		value any
	}{
		{`{"ocpus":`, n.ocpus},
		{`,"memoryInGBs":`, n.memoryGB},
		{`,"vcpus":`, int(n.ocpus) * s.vcpus},
		{`,"baselineOcpuUtilization":`, orNull(n.baseline)},
		{`,"processorDescription":`, orNull(s.processor)},
		{`,"networkingBandwidthInGbps":`, gbps},
		{`,"maxVnicAttachments":2,"gpus":`, s.gpus},
		{`,"gpuDescription":`, orNull(s.gpu)},
		{`,"localDisks":`, s.disks},
		{`,"localDisksTotalSizeInGBs":`, disksGB},
	} {
		b = sim.AppendJSON(append(b, field.name...), field.value)
	}
	return append(b, `,"localDiskDescription":null,"resourceManagement":"STATIC"}`...)
}
