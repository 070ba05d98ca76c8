// A whole Matrix client for one account, told by the address: ?server=…&user=…&password=…
// `byalag` is what `browser.py` calls: it knows when the client is ready, and opens rooms.
import { Client, FeatureSet, LoadStatus, Platform, RootView, RootViewModel, createNavigation, createRouter } from "hydrogen-view-sdk";
import downloadSandbox from "hydrogen-view-sdk/download-sandbox.html?url";
import worker from "hydrogen-view-sdk/main.js?url";
import wasm from "@matrix-org/olm/olm.wasm?url";
import wasmBundle from "@matrix-org/olm/olm.js?url";
import legacyBundle from "@matrix-org/olm/olm_legacy.js?url";
import "hydrogen-view-sdk/theme-element-light.css";

const asked = new URLSearchParams(location.search);
const container = document.querySelector("#app");
const assetPaths = { downloadSandbox, worker, olm: { wasm, legacyBundle, wasmBundle }, serviceWorker: "sw.js" };

async function begin() {
  const platform = new Platform({ container, assetPaths, config: {}, options: { development: false } });
  const navigation = createNavigation();
  platform.setNavigation(navigation);
  await platform.init();
  const urlRouter = createRouter({ navigation, history: platform.history });
  const features = await FeatureSet.load(platform.settingsStorage);
  const root = new RootViewModel({ platform, features, urlRouter, navigation });
  await root.load();
  container.appendChild(new RootView(root).mount());

  const client = new Client(platform);
  const ways = await client.queryLogin(asked.get("server")).result;
  client.startWithLogin(ways.password(asked.get("user"), asked.get("password")));
  await client.loadStatus.waitFor((status) =>
    [LoadStatus.Ready, LoadStatus.Error, LoadStatus.LoginFailed, LoadStatus.AccountSetup].includes(status),
  ).promise;
  if (client.accountSetup) client.accountSetup.finish();
  await client.loadStatus.waitFor((status) => status === LoadStatus.Ready).promise;
  root._pendingClient = client;
  navigation.push("session", client.sessionId);
  return {
    open: (room) => { navigation.push("room", room); },
    knows: (room) => !!client.session.rooms.get(room),
    top: (words) => {
      const found = [...document.querySelectorAll(".Timeline_scroller > ul > li")].filter((one) => one.innerText.includes(words));
      return found.length ? found[0].getBoundingClientRect().top : 0;
    },
    bottom: () => { for (const list of document.querySelectorAll(".Timeline_scroller")) list.scrollTop = list.scrollHeight; },
  };
}

window.byalag = { ready: false };
begin().then(
  (client) => { window.byalag = { ready: true, ...client }; },
  (error) => { window.byalag = { ready: false, error: String(error?.stack ?? error) }; },
);
