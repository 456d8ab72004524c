"""One answer of ONNX Runtime: onnxruntime_first_answer.py MODEL INPUT OUTPUT."""

import sys

import numpy as np
import onnxruntime

model, inputs, outputs = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
image = np.fromfile(inputs, np.float32).reshape(1, 3, 224, 224)
(answer,) = session.run(None, {session.get_inputs()[0].name: image})
print("answered", flush=True)
answer.tofile(outputs)
