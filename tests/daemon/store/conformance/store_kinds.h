// What every store has to do, whichever kind it is. A kind is a row in store_kinds.cc; the files
// beside this one are the tests that it passes.
#ifndef SIGNINWATCH_TESTS_DAEMON_STORE_CONFORMANCE_STORE_KINDS_H_
#define SIGNINWATCH_TESTS_DAEMON_STORE_CONFORMANCE_STORE_KINDS_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/store.h"
#include "gtest/gtest.h"
#include "tests/daemon/store/store_samples.h"

namespace signinwatch::store {

// Opens one store again and again: what was committed is there the next time. The one before is
// closed by then.
template <typename Port>
using StoreOpener = std::function<std::shared_ptr<Port>(const StoreLimits&)>;

template <typename Port>
struct StoreKind {
  std::string name;
  std::function<StoreOpener<Port>()> make;  // an opener of a new store
  friend void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }
};

// Those that are whole, and all of which the pipeline's port works.
[[nodiscard]] const std::vector<StoreKind<Store>>& Stores();
[[nodiscard]] const std::vector<StoreKind<StateStore>>& StateStores();

struct NameOf {
  template <typename Kind>
  std::string operator()(const testing::TestParamInfo<Kind>& info) const {
    return info.param.name;
  }
};

template <typename Port>
class StoreConformance : public WithStore<Port, testing::TestWithParam<StoreKind<Port>>> {
 protected:
  StoreConformance() { Reopen(); }
  ~StoreConformance() override { this->store_.reset(); }

  void Reopen() {
    this->store_.reset();
    this->store_ = open_(limits_);
    ClaimOf(*this->store_);
  }

  StoreLimits limits_{.sinks = {"soc", "mail"}};
  const StoreOpener<Port> open_ = this->GetParam().make();
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_TESTS_DAEMON_STORE_CONFORMANCE_STORE_KINDS_H_
