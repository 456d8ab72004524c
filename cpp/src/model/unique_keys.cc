#include "model/unique_keys.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <sstream>
#include <vector>

#include "model/yaml_fields.h"

namespace hrnet_native {
namespace {

/// Follows the events of the parser, which tell of an alias without repeating what it stands for: a document of aliases
/// of aliases takes no more time than any other.
class KeyWatcher final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { OnText(mark, "null"); }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { OnNode(); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& value) override {
    OnText(mark, value);
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    OnNode();
    open_.push_back({false, false, {}});
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    OnNode();
    open_.push_back({true, false, {}});
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  /// A mapping or list that has not ended.
  struct Collection {
    bool is_map;
    bool has_key;  ///< The next node is the value of the last key.
    std::set<std::string> keys;
  };

  /// Returns whether the node that begins is a key.
  bool OnNode() {
    if (open_.empty() || !open_.back().is_map) return false;
    open_.back().has_key = !open_.back().has_key;
    return open_.back().has_key;
  }

  void OnText(const YAML::Mark& mark, const std::string& value) {
    if (OnNode() && !open_.back().keys.insert(value).second) {
      FailToRead(StrCat("line ", mark.line + 1, " has the key ", value, " for the second time"));
    }
  }

  std::vector<Collection> open_;
};

}  // namespace

void RequireUniqueKeys(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  KeyWatcher watcher;
  parser.HandleNextDocument(watcher);
}

}  // namespace hrnet_native
