import { total } from "shop:prices";

console.log(await total({ apple: 4, melon: 2 }));
await total({ pear: 1 }).catch((error) => console.log(`${error}`));
