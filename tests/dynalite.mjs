// Dynalite on a free loopback port that it prints, in memory, until standard input ends.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const db = require("dynalite/db");
const validations = require("dynalite/validations");

// CreateTable and DeleteTable answer when they are done, as moto's and the emulator's do.
for (const [action, isDone] of [
  ["createTable", (table) => table?.TableStatus === "ACTIVE"],
  ["deleteTable", (table) => table === undefined],
]) {
  const path = require.resolve(`dynalite/actions/${action}`);
  const act = require(path);
  require.cache[path].exports = (store, request, answer) =>
    act(store, request, (error, result) => {
      const look = () =>
        store.getTable(request.TableName, false, (_, table) =>
          isDone(table) ? answer(null, result) : setTimeout(look, 1),
        );
      return error ? answer(error) : look();
    });
}

// DynamoDB added this parameter in 2023; dynalite 4 drops it.
for (const action of ["putItem", "updateItem", "deleteItem"]) {
  const { types } = require(`dynalite/validations/${action}`);
  types.ReturnValuesOnConditionCheckFailure = { type: "String", enum: ["ALL_OLD", "NONE"] };
}

const { checkConditional } = db;
db.checkConditional = (request, item) => {
  const refusal = checkConditional(request, item);
  if (refusal && item && request.ReturnValuesOnConditionCheckFailure === "ALL_OLD") {
    refusal.body.Item = item;
  }
  return refusal;
};

// Dynalite ignores parameters that it does not know: a test would pass without them.
const { checkTypes } = validations;
validations.checkTypes = (request, types) => {
  const unknown = Object.keys(request).filter((name) => !(name in types));
  if (unknown.length) throw db.validationError(`dynalite does not know ${unknown.join(", ")}`);
  return checkTypes(request, types);
};

const server = require("dynalite")({ createTableMs: 0, deleteTableMs: 0 });
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
