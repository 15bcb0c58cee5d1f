// "Did you mean": the known name nearest to one that is mistyped.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SUGGESTION_H_
#define SIGNINWATCH_DAEMON_CONFIG_SUGGESTION_H_

#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::config {

// The name of `known` that takes the fewest single-character edits (case aside) from `name`, of
// several the first; nullptr when none is near: more edits than a third of the longer one's length,
// rounded up. Points into `known`.
[[nodiscard]] const std::string* NearestName(std::string_view name,
                                             const std::vector<std::string>& known);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SUGGESTION_H_
