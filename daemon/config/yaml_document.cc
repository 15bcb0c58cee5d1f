#include "daemon/config/yaml_document.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <optional>
#include <sstream>
#include <utility>

#include "daemon/config/value_reader.h"

namespace signinwatch::config {
namespace {

// Takes the places of the first nodes of documents.
class DocumentPlaces : public YAML::EventHandler {
 public:
  [[nodiscard]] const YAML::Mark& last() const { return last_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    last_ = mark;
    is_first_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Take(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { Take(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    Take(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Take(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Take(mark);
  }
  void OnMapEnd() override {}

 private:
  void Take(const YAML::Mark& mark) {
    if (std::exchange(is_first_, false)) last_ = mark;
  }

  YAML::Mark last_;
  bool is_first_ = false;
};

// Where a second document starts. Not by YAML::LoadAll: of a comma that is in no list it makes null
// documents for ever (up to 0.8).
std::optional<YAML::Mark> SecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentPlaces places;
  if (!parser.HandleNextDocument(places) || !parser.HandleNextDocument(places)) {
    return std::nullopt;
  }
  return places.last();
}

// yaml-cpp's reasons, without the piece of the file that some of them end in: it may be a secret.
std::string YamlReason(const YAML::Exception& e) { return e.msg.substr(0, e.msg.find(':')); }

}  // namespace

std::vector<ConfigMistake> ReadYamlDocument(
    std::string_view text, const std::string& shown_in,
    const std::function<void(const YAML::Node& root, ValueReader& values)>& read,
    std::vector<ConfigMistake>* left_out) {
  ValueReader values;
  try {
    const std::string copy(text);
    const YAML::Node root = YAML::Load(copy);
    const auto second = SecondDocument(copy);
    if (second && left_out != nullptr) {
      const Place place = PlaceOf(*second);
      left_out->push_back({.line = place.line,
                           .column = place.column,
                           .text = "a second YAML document starts before this: it is left out"});
    } else if (second) {
      values.Report(PlaceOf(*second),
                    "a second YAML document, or what is part of none, starts before this, allowed: "
                    "one document");
    }
    read(root, values);
  } catch (const YAML::DeepRecursion& e) {
    values.Report(PlaceOf(e.mark),
                  "this is nested too deeply, allowed: what " + shown_in + " shows");
  } catch (const YAML::Exception& e) {
    values.Report(PlaceOf(e.mark), "this is not YAML: " + YamlReason(e) +
                                       ", allowed: YAML 1.2 in block or flow style");
  }
  return values.TakeMistakes();
}

}  // namespace signinwatch::config
