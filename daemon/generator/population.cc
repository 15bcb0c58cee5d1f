#include "daemon/generator/population.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "daemon/generator/random.h"
#include "daemon/generator/record_writer.h"
#include "daemon/generator/vocabulary.h"
#include "parser/ascii.h"

namespace signinwatch::generator {
namespace {

// As Entra names guests: their address at home, then the tenant's domain.
constexpr std::string_view kGuestMark = "_partner.example#EXT#";

void AppendLower(std::string_view text, std::string* out) {
  for (const char c : text) out->push_back(LowerAsciiOf(c));
}

template <typename... Args>
void Print(std::string* out, const char* format, Args... args) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, format, args...);
  out->assign(text, static_cast<size_t>(size));
}

// Not zero, which would be written otherwise.
unsigned DrawGroup(Random& random) { return static_cast<unsigned>(1 + random.Below(0xfffe)); }

void PrintIpv6(Random& random, std::string* out) {
  // One after the other: the order in which arguments are evaluated is the compiler's.
  const unsigned site = DrawGroup(random);
  const unsigned net = DrawGroup(random);
  const unsigned host = DrawGroup(random);
  Print(out, "2001:db8:%x:%x::%x", site, net, host);
}

// Tenant i of n has a share of n - i; what rounding leaves goes to the first.
uint32_t UsersOf(uint32_t i, uint32_t tenants, uint64_t users) {
  const uint64_t shares = uint64_t{tenants} * (tenants + 1) / 2;
  const auto share = [&](uint32_t t) { return users * (tenants - t) / shares; };
  uint64_t own = share(i);
  if (i == 0) {
    own = users;
    for (uint32_t t = 1; t < tenants; ++t) own -= share(t);
  }
  return static_cast<uint32_t>(std::max<uint64_t>(1, own));
}

}  // namespace

Population::Population(uint64_t seed, uint32_t tenants, uint32_t users) : seed_(Mix(seed, 1)) {
  const auto companies = Companies();
  for (uint32_t i = 0; i < tenants; ++i) {
    Random random(Mix(seed_, i));
    Tenant tenant;
    tenant.id = NextGuid(random);
    tenant.id_text = FormatGuid(tenant.id);
    tenant.domain = companies[i % companies.size()];
    if (i >= companies.size()) tenant.domain += std::to_string(i / companies.size());
    tenant.domain += ".example";
    tenant.users = UsersOf(i, tenants, users);
    tenant.home_place = i % static_cast<uint32_t>(Places().size());
    tenant.policy_set = i % kPolicySets;
    tenants_.push_back(tenant);

    const auto places = static_cast<uint32_t>(Places().size());
    const uint32_t abroad = tenant.users / 10;
    const uint32_t machines = tenant.users / 50;
    const uint32_t home = tenant.users - 2 * abroad - machines;
    crews_.push_back({i, 0, home, tenant.home_place, false});
    crews_.push_back({i, home, abroad, (tenant.home_place + 1) % places, false});
    crews_.push_back({i, home + abroad, abroad, (tenant.home_place + 3) % places, false});
    crews_.push_back({i, home + 2 * abroad, machines, tenant.home_place, true});
  }
}

uint64_t Population::UserSeed(uint32_t tenant, uint32_t user) const {
  return Mix(seed_, uint64_t{tenant} << 32 | user);
}

void Population::Describe(uint32_t tenant, uint32_t user, uint32_t place, Person* person) const {
  Random random(UserSeed(tenant, user));
  const Tenant& home = tenants_[tenant];
  person->id = NextGuid(random);
  const std::string_view first = FirstNames()[random.Below(FirstNames().size())];
  const std::string_view last = LastNames()[random.Below(LastNames().size())];
  person->name = first;
  person->name += ' ';
  person->name += last;
  person->mfa_method = MfaMethods()[Random(Mix(UserSeed(tenant, user), 97)).Below(5)];
  person->guest = place != home.home_place && random.Percent(25);
  person->home_tenant = person->guest ? NextGuid(random) : home.id;
  // As Entra writes it: names with capitals, guests with their home address in it.
  std::string& name = person->user_principal_name;
  name = first;
  name += '.';
  AppendLower(last, &name);
  name += std::to_string(user);
  if (person->guest) name += kGuestMark;
  name += '@';
  name += home.domain;
}

void Population::MakeGuest(uint32_t tenant, uint32_t user, Person* person) const {
  if (person->guest) return;
  Random random(Mix(UserSeed(tenant, user), 98));
  person->guest = true;
  person->home_tenant = NextGuid(random);
  std::string& name = person->user_principal_name;
  name.insert(name.find('@'), kGuestMark);
}

void Population::DescribeSource(uint32_t tenant, uint32_t user, uint32_t place, Habit habit,
                                Source* source) const {
  const uint64_t seed = UserSeed(tenant, user);
  Random random(Mix(seed, static_cast<uint64_t>(habit)));
  source->device = random.Percent(80) ? NextGuid(random) : Guid{};
  const auto clients = Clients();
  switch (habit) {
    case Habit::kOffice:
      Print(&source->address, "192.0.2.%u", 1 + tenant % 250);
      source->client = &clients[0];
      break;
    case Habit::kHome:
      if (random.Percent(50)) {
        Print(&source->address, "198.51.100.%u", 1 + DrawGroup(random) % 250);
      } else {
        PrintIpv6(random, &source->address);
      }
      source->client = &clients[1 + random.Below(2)];
      break;
    case Habit::kPhone:
      PrintIpv6(random, &source->address);
      source->client = &clients[3 + random.Below(2)];
      break;
  }
  source->place = &Places()[place];
}

Source Population::ForeignSource(uint32_t tenant, uint32_t user) const {
  Random random(Mix(UserSeed(tenant, user), 99));
  Source source;
  Print(&source.address, "203.0.113.%u", 1 + DrawGroup(random) % 250);
  const auto places = Places();
  source.place = &places[(tenants_[tenant].home_place + 5) % places.size()];
  source.client = &Clients()[5];
  return source;
}

}  // namespace signinwatch::generator
