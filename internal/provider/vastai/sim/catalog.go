package vastaisim

// card is a model of GPU, with figures of its maker and prices as they are usual on the market.
type card struct {
	name    string
	ramMB   int
	tflops  float64
	dlperf  float64
	bw      float64 // GB/s of memory
	nvlink  float64
	watts   float64
	compute int // capability x 100
	arch    string
	price   float64 // USD per card and hour
}

func cards() []card {
	return []card{
		{"RTX 3060", 12288, 12.7, 12.9, 360, 0, 170, 860, "nvidia", 0.06},
		{"RTX 3080", 10240, 29.8, 27.4, 760, 0, 320, 860, "nvidia", 0.11},
		{"RTX 3090", 24576, 35.6, 36.1, 936, 0, 350, 860, "nvidia", 0.17},
		{"RTX A4000", 16376, 19.2, 18.8, 448, 0, 140, 860, "nvidia", 0.12},
		{"RTX A5000", 24564, 27.8, 26.9, 768, 0, 230, 860, "nvidia", 0.21},
		{"RTX A6000", 49140, 38.7, 36.8, 768, 0, 300, 860, "nvidia", 0.42},
		{"RTX 4070 Ti", 12282, 40.1, 42.3, 504, 0, 285, 890, "nvidia", 0.13},
		{"RTX 4090", 24564, 82.6, 92.5, 1008, 0, 450, 890, "nvidia", 0.34},
		{"RTX 5090", 32607, 104.8, 128.4, 1792, 0, 575, 1200, "nvidia", 0.48},
		{"RTX 6000Ada", 49140, 91.1, 88.7, 960, 0, 300, 890, "nvidia", 0.66},
		{"L4", 23034, 30.3, 29.5, 300, 0, 72, 890, "nvidia", 0.28},
		{"L40S", 46068, 91.6, 87.9, 864, 0, 350, 890, "nvidia", 0.71},
		{"Tesla V100", 32768, 15.7, 24.2, 900, 300, 300, 700, "nvidia", 0.19},
		{"A100 PCIE", 40960, 19.5, 58.6, 1555, 0, 250, 800, "nvidia", 0.61},
		{"A100 SXM4", 81920, 19.5, 64.9, 2039, 600, 400, 800, "nvidia", 0.92},
		{"H100 PCIE", 81559, 51.2, 138.9, 2039, 0, 350, 900, "nvidia", 1.69},
		{"H100 SXM", 81559, 66.9, 189.4, 3352, 900, 700, 900, "nvidia", 2.11},
		{"H200", 143771, 66.9, 205.3, 4800, 900, 700, 900, "nvidia", 2.63},
		{"B200", 183359, 80.0, 389.1, 8000, 1800, 1000, 1000, "nvidia", 4.12},
		{"InstinctMI300X", 196592, 163.4, 171.0, 5300, 0, 750, 942, "amd", 2.49},
	}
}

// place is where a machine stands. Some hosts' places are told with the country's name, most with its code.
type place struct {
	name, country string
	lat, lon      float64
}

func places() []place {
	return []place{
		{"California, United States", "US", 36.8, -119.4}, {"Texas, US", "US", 31.0, -99.9},
		{"Washington, US", "US", 47.4, -120.7}, {"Quebec, CA", "CA", 52.9, -73.5}, {"Sweden, SE", "SE", 60.1, 18.6},
		{"Norway, NO", "NO", 60.5, 8.5}, {"Île-de-France, FR", "FR", 48.8, 2.5}, {"Germany, DE", "DE", 51.2, 10.5},
		{"Bulgaria, BG", "BG", 42.7, 25.5}, {"Japan, JP", "JP", 36.2, 138.3}, {"Taiwan, TW", "TW", 23.7, 121.0},
		{"São Paulo, BR", "BR", -23.5, -46.6}, {"Australia, AU", "AU", -25.3, 133.8}, {"Iceland, IS", "IS", 65.0, -19.0},
	}
}

// processor is a machine's CPU.
type processor struct {
	name  string
	cores int
	ghz   float64
	arch  string
}

func processors() []processor {
	return []processor{
		{"AMD EPYC 7742 64-Core Processor", 128, 2.25, "amd64"}, {"AMD EPYC 9654 96-Core Processor", 192, 2.4, "amd64"},
		{"Xeon® Gold 6448Y", 64, 2.1, "amd64"}, {"Core™ i9-13900K", 32, 3.0, "amd64"},
		{"AMD Ryzen Threadripper 3970X 32-Core", 64, 3.7, "amd64"}, {"Neoverse-V2", 72, 3.1, "arm64"},
	}
}

func images() []string {
	return []string{
		"pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime", "nvidia/cuda:12.4.1-devel-ubuntu22.04", "vllm/vllm-openai:v0.11.0",
		"ghcr.io/huggingface/text-generation-inference:3.3", "vastai/comfy:v0.3.13-cuda-12.4",
		"tensorflow/tensorflow:2.17.0-gpu",
	}
}

func labels() []string {
	return []string{
		"training-llama", "inference-prod", "Größenvergleich", "実験-7", "whisper-batch", "sd-xl-farm", "eval nightly",
		"лаборатория", "render-🎬", "sweep-lr", "finetune-qwen3", "data-prep",
	}
}

func endpointNames() []string {
	return []string{"vLLM-Qwen3-8B", "tgi-llama-70b", "comfy-flux", "embeddings-bge", "whisper-large-v3", "übersetzer"}
}
