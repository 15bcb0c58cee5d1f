// What a file gives, and where: for rules across options (serve_rules.h).
#ifndef SIGNINWATCH_DAEMON_CONFIG_GIVEN_VALUES_H_
#define SIGNINWATCH_DAEMON_CONFIG_GIVEN_VALUES_H_

#include <map>
#include <string>

namespace signinwatch::config {

struct Place {  // counted from 1; columns count bytes
  int line = 1;
  int column = 1;
};

// Keys are paths: "kafka.auth", "sinks[0].path", "sinks[0]". A null that stands for "not set" is
// not given.
class GivenValues {
 public:
  // `usable`: the value is one of those that are allowed, and so in the configuration.
  void Add(const std::string& path, Place place, bool usable) {
    values_.emplace(path, Given{.place = place, .usable = usable});
  }
  // nullptr: not given.
  [[nodiscard]] const Place* Find(const std::string& path) const {
    const auto found = values_.find(path);
    return found == values_.end() ? nullptr : &found->second.place;
  }
  // What the configuration holds is what is meant: the default, or a usable value.
  [[nodiscard]] bool IsKnown(const std::string& path) const {
    const auto found = values_.find(path);
    return found == values_.end() || found->second.usable;
  }

 private:
  struct Given {
    Place place;
    bool usable = false;
  };
  std::map<std::string, Given> values_;
};

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_GIVEN_VALUES_H_
