// One YAML document, read strictly: what yaml-cpp accepts in silence is a mistake here.
#ifndef SIGNINWATCH_DAEMON_CONFIG_YAML_DOCUMENT_H_
#define SIGNINWATCH_DAEMON_CONFIG_YAML_DOCUMENT_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace signinwatch::config {

class ValueReader;

// A mistake and its place in the text, both counted from 1; columns count bytes.
struct ConfigMistake {
  int line = 1;
  int column = 1;
  std::string text;
};

// More mistakes than these are not looked for: aliases can make a small file large.
inline constexpr size_t kMistakesMax = 1'000;

// Calls `read` with the document's root, and returns the mistakes by place, at most kMistakesMax.
// `shown_in` names the document that shows what is allowed. A second document is a mistake, or left
// out and told in *left_out where that is given.
[[nodiscard]] std::vector<ConfigMistake> ReadYamlDocument(
    std::string_view text, const std::string& shown_in,
    const std::function<void(const YAML::Node& root, ValueReader& values)>& read,
    std::vector<ConfigMistake>* left_out = nullptr);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_YAML_DOCUMENT_H_
