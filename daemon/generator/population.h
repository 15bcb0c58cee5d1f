// Who there is: tenants, their users, and the habits of each user.
//
// Nothing is stored of a user: all is a function of the seed and the user's number, so a million
// users cost no memory. Users with numbers below Tenant::users make the background; those from
// there on are free for scenarios.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_POPULATION_H_
#define SIGNINWATCH_DAEMON_GENERATOR_POPULATION_H_

#include <cstdint>
#include <vector>

#include "daemon/generator/record.h"

namespace signinwatch::generator {

inline constexpr uint32_t kPolicySets = 16;

// Where a user works: each has three places and keeps to them.
enum class Habit : uint8_t { kOffice, kHome, kPhone };
inline constexpr uint32_t kHabitCount = 3;

// Users of one tenant who keep the same hours, with consecutive numbers.
struct Crew {
  uint32_t tenant;
  uint32_t first_user;
  uint32_t users;
  uint32_t place;  // index into Places()
  bool machines;   // service accounts: the same all day and week
};

class Population {
 public:
  // `tenants` and `users` above zero; each tenant gets at least one user, the first the most.
  Population(uint64_t seed, uint32_t tenants, uint32_t users);

  [[nodiscard]] const std::vector<Tenant>& tenants() const { return tenants_; }
  [[nodiscard]] const std::vector<Crew>& crews() const { return crews_; }

  // Into objects that are used again and again: their strings keep their memory.
  void Describe(uint32_t tenant, uint32_t user, uint32_t place, Person* person) const;
  // The person becomes a guest, whose account is another tenant's.
  void MakeGuest(uint32_t tenant, uint32_t user, Person* person) const;
  void DescribeSource(uint32_t tenant, uint32_t user, uint32_t place, Habit habit,
                      Source* source) const;
  // A source that no user has: another address range and country, no registered device.
  [[nodiscard]] Source ForeignSource(uint32_t tenant, uint32_t user) const;

 private:
  [[nodiscard]] uint64_t UserSeed(uint32_t tenant, uint32_t user) const;

  uint64_t seed_;
  std::vector<Tenant> tenants_;
  std::vector<Crew> crews_;
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_POPULATION_H_
