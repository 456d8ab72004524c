// Mutates native.safetensors by its structure: bytes changed at random hardly ever leave a length, a text in a text in
// JSON and a table of offsets that still fit each other.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using Json = nlohmann::json;
using Random = std::minstd_rand;

constexpr std::size_t kMaxNodes = 20000;
constexpr int kMaxDepth = 50;

std::size_t Below(Random& random, std::size_t count) { return random() % count; }

/// All values within a document; none if it is too deep or too large to be worked on.
std::vector<Json*> Nodes(Json& root) {
  std::vector<std::pair<Json*, int>> left{{&root, 0}};
  std::vector<Json*> nodes;
  while (!left.empty()) {
    const auto [node, depth] = left.back();
    left.pop_back();
    if (depth > kMaxDepth || nodes.size() > kMaxNodes) return {};
    nodes.push_back(node);
    if (node->is_structured()) {
      for (Json& child : *node) left.emplace_back(&child, depth + 1);
    }
  }
  return nodes;
}

std::int64_t OddInteger(Random& random, const Json& old) {
  constexpr std::int64_t kOdd[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 65535, 65536, 1 << 30, -1, std::int64_t{1} << 62};
  const std::int64_t value = old.is_number_integer() ? old.get<std::int64_t>() : 0;
  const std::size_t choice = Below(random, std::size(kOdd) + 2);
  if (choice < std::size(kOdd)) return kOdd[choice];
  if (choice == std::size(kOdd)) return value / 2 + 1;
  return value > 0 ? value - 1 : value + 1;
}

void MutateList(Json& list, Random& random) {
  const std::size_t at = Below(random, list.size());
  switch (random() % 3) {
    case 0:
      list.erase(at);
      break;
    case 1: {
      Json copy = list[at];
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), std::move(copy));
      break;
    }
    default:
      std::swap(list[at], list[Below(random, list.size())]);
  }
}

/// Changes one value of a document. False if there is none to change.
bool Mutate(Json& document, Random& random) {
  const std::vector<Json*> nodes = Nodes(document);
  if (nodes.empty()) return false;
  Json& node = *nodes[Below(random, nodes.size())];
  if (random() % 8 == 0) {
    node = Json(*nodes[Below(random, nodes.size())]);
  } else if (node.is_array() && !node.empty()) {
    MutateList(node, random);
  } else if (node.is_object() && !node.empty()) {
    auto member = node.begin();
    std::advance(member, static_cast<std::ptrdiff_t>(Below(random, node.size())));
    node.erase(member);
  } else if (node.is_string()) {  // names of operators, tensors and activations: another one of them
    std::vector<const Json*> texts;
    for (const Json* other : nodes) {
      if (other->is_string()) texts.push_back(other);
    }
    node = Json(*texts[Below(random, texts.size())]);
  } else {
    node = OddInteger(random, node);
  }
  return true;
}

/// Lays the tensors out again as their shapes want it, with the old data over and over. False if that is too large.
bool LayOut(Json& header, std::string& data, std::size_t max_size) {
  std::size_t end = 0;
  for (auto& [name, entry] : header.items()) {
    if (name == "__metadata__" || !entry.is_object() || !entry.contains("shape") || !entry["shape"].is_array())
      continue;
    std::size_t bytes = sizeof(float);
    for (const Json& side : entry["shape"]) {
      if (!side.is_number_integer() || side.get<std::int64_t>() < 1) return false;
      const auto count = side.get<std::uint64_t>();
      if (count > max_size || bytes * count > max_size) return false;
      bytes *= count;
    }
    entry["data_offsets"] = {end, end + bytes};
    end += bytes;
    if (end > max_size) return false;
  }
  const std::string old = data.empty() ? std::string(4, '?') : std::move(data);
  data.resize(end);
  for (std::size_t i = 0; i < end; ++i) data[i] = old[i % old.size()];
  return true;
}

bool MutateFile(std::string& file, std::size_t max_size, Random& random) {
  std::uint64_t length = 0;
  if (file.size() < sizeof length) return false;
  std::memcpy(&length, file.data(), sizeof length);
  if (length > file.size() - sizeof length) return false;
  Json header = Json::parse(file.substr(sizeof length, length), nullptr, false);
  if (!header.is_object() || Nodes(header).empty()) return false;
  std::string data = file.substr(sizeof length + length);
  const auto metadata = header.find("__metadata__");
  if (random() % 4 != 0 && metadata != header.end() && metadata->is_object() &&
      (*metadata)["hrnet_native.graph"].is_string()) {
    Json graph = Json::parse((*metadata)["hrnet_native.graph"].get<std::string>(), nullptr, false);
    for (std::size_t count = 1 + random() % 3; count > 0; --count) {
      if (!Mutate(graph, random)) return false;
    }
    if (Nodes(graph).empty()) return false;
    (*metadata)["hrnet_native.graph"] = graph.dump();
  } else if (!Mutate(header, random)) {
    return false;
  }
  if (random() % 4 != 0 && header.is_object() && !LayOut(header, data, max_size)) return false;
  if (Nodes(header).empty()) return false;
  const std::string text = header.dump();
  length = text.size();
  file.assign(reinterpret_cast<const char*>(&length), sizeof length);
  file += text;
  file += data;
  return file.size() <= max_size;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  Random random(seed);
  std::string file(reinterpret_cast<const char*>(data), size);
  if (random() % 8 == 0 || !MutateFile(file, max_size, random)) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, file.data(), file.size());
  return file.size();
}
