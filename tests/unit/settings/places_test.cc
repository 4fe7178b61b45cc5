#include "settings/places.h"

#include <gtest/gtest.h>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

TEST(Places, RootHasTheSystems) {
  EXPECT_EQ(places_of(0, {{"XDG_CONFIG_HOME", "/home/x/.config"}}), Places{});
}

TEST(Places, APersonHasTheXdgFolders) {
  const Places places =
      places_of(1000, {{"XDG_CONFIG_HOME", "/c"}, {"XDG_STATE_HOME", "/s"}, {"XDG_RUNTIME_DIR", "/r"}});

  EXPECT_EQ(places.configuration, "/c/mailchute/mailchute.yaml");
  EXPECT_EQ(places.queue, "/s/mailchute/queue.db");
  EXPECT_EQ(places.submit, "/r/mailchute/submit.sock");
  EXPECT_EQ(places.control, "/r/mailchute/control.sock");
  EXPECT_EQ(places.provider_dirs.front(), "/c/mailchute/providers");
}

TEST(Places, WhatIsUnsetOrRelativeFollowsFromTheHomeFolder) {
  const Places places = places_of(1000, {{"HOME", "/home/x"}, {"XDG_CONFIG_HOME", "relative"}});

  EXPECT_EQ(places.configuration, "/home/x/.config/mailchute/mailchute.yaml");
  EXPECT_EQ(places.queue, "/home/x/.local/state/mailchute/queue.db");
  EXPECT_EQ(places.control, "/home/x/.local/state/mailchute/control.sock");
}

TEST(Places, TheServiceUserThatNamesTheSystemsFileHasTheSystemsPlaces) {
  const Places places = places_for("/etc/mailchute/mailchute.yaml", 998, {{"HOME", "/nonexistent"}});

  EXPECT_EQ(places.queue, "/var/lib/mailchute/queue.db");
  EXPECT_EQ(places.control, "/run/mailchute/control.sock");
}

TEST(Places, APersonsOwnFileHasThePersonsPlaces) {
  const Workspace workspace;
  workspace.write("mailchute/mailchute.yaml", "");

  const Places found =
      places_for("", 1000, {{"XDG_CONFIG_HOME", workspace.path("")}, {"XDG_STATE_HOME", "/s"}});
  const Places named = places_for("/tmp/x.yaml", 1000, {{"XDG_STATE_HOME", "/s"}});

  EXPECT_EQ(found.queue, "/s/mailchute/queue.db");
  EXPECT_EQ(named.queue, "/s/mailchute/queue.db");
  EXPECT_EQ(named.configuration, "/tmp/x.yaml");
}

}  // namespace
}  // namespace mailchute
