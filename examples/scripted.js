import { store } from "native:store";

await store.put("key", "value");
console.log(store.get("key"), store.get("none"));
await store.put("", "value").catch((error) => console.log(`${error}`));
